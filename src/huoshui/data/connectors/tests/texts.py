"""Texts as people have them, for tests of encodings: three rows are enough to tell, or to ask."""

from __future__ import annotations

SIMPLIFIED = (
    "客户编号,姓名,城市,商品\n1,欧阳修,亳州,扫地机器人\n2,昝爱宗,泸州,空气净化器\n3,谭卓,鄂尔多斯,榨汁机\n",
    "id,name,city,product\n1,王芳,上海,智能门锁\n2,邱泽,漯河,麻辣火锅底料\n3,佟丽娅,乌鲁木齐,洗衣液\n",
    "订单号,买家,宝贝标题,实付金额\n7,蔺晨,“春季”羽绒服（红）,￥5\n8,刘洋,蓝牙耳机,6\n9,陈静,滤网,7\n",
)
TRADITIONAL = (
    "客戶編號,姓名,城市,商品\n1,歐陽修,臺北,掃地機器人\n2,龔琳娜,澎湖,空氣清淨機\n3,簡嫚書,花蓮,果汁機\n",
    "id,name,city,product\n1,黃麗,高雄,智慧門鎖\n2,賴清德,屏東,麻辣鍋底\n3,鄧麗君,香港,洗衣精\n",
    "訂單編號,買家,品名,實付金額\n7,陳奕迅,「春季」外套（紅）,5\n8,劉洋,藍牙耳機,6\n9,羅大佑,濾網,7\n",
)
WESTERN = (
    "name,city,product\nMüller,Köln,Brötchen\nGünther Groß,Düsseldorf,Käse\nZoë,Zürich,Öl\n",
    "nom,ville,produit\nFrançoise Lefèvre,Orléans,Crème brûlée\nNoël,Liège,Pâté à la “crème” – 10 €\n",
    "nome,cidade,produto\nJoão Gonçalves,São Paulo,Pão\nAntônio,Brasília,Café\n",
)
