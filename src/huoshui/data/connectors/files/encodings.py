"""Which encoding a text is in: decided where one reading makes sense, asked where several or none do.

UTF-8 shows itself, UTF-16 by its mark or its zero bytes. Of the others every byte can be read somehow, so each
candidate is decoded strictly and judged by what people write: hanzi in daily use, accents inside words. A table of
names may have three short rows; so where readings are close, the answer is a question that shows them all.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from huoshui.data.connectors.errors import FileRefused

CHUNK = 8 * 1024 * 1024
SAMPLE = 64 * 1024
NEAR = 0.15
"""Two readings that differ by less in sense are both possible."""
SENSE = {"gb18030": 0.55, "big5": 0.55, "windows-1252": 0.8}
"""The candidates of a guess, with the sense (0 … 1) that a reading must at least make."""

CODECS = {
    "utf-8": "utf-8",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "gb18030": "gb18030",
    "big5": "cp950",
    "windows-1252": "cp1252",
    "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1254": "cp1254",
}
"""Names that may be asked for, with the Python codec: always the widest of a family, as Windows writes it."""

_SAME = {
    "utf_8_sig": "utf-8",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "big5": "big5",
    "iso8859-1": "windows-1252",
    "shift_jis": "shift_jis",
    "euc_kr": "euc-kr",
}

UTF8_MARK = codecs.BOM_UTF8

COMMON = frozenset(
    "的一是不了人我在有他这中大来上国个到说们为子和你地出会时要也可以生对能下过后作里用道行所然家种多而于成者方好都起日年"
    "分月前经其当从机现力工体得之高自全与应等间无同化学部如量公开市本主业外内定长小动明次果面新建先结相实关法名点电问加系教"
    "正意性心进社看合程门使重把资产员水军将东西南北山路口三二四五六七八九十两位万元角号总计金额价格数量日期时间客户顾编号订单"
    "姓名城区省县镇街道店铺商品牌购买付款支付状态手机话邮箱地址备注类型规格颜色男女性别会员等级积分注册渠道来源优惠券折扣运费发货"
    "收退换物流快递完成取消交易已未否北京上海广州深圳杭州成都武汉西安南京天津重庆苏沙青岛郑厦福合宁昆明济哈尔滨连阳"
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范"
    "方石姚谭廖邹熊陆郝孔白崔康毛邱秦江史顾侯邵孟龙段雷汤尹黎易常武乔贺赖龚文伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛超霞平刚桂华红玉"
    "建国志明辉丹飞鹏宇晓婷雪梅兰欣怡佳琪浩然子涵梓轩思远一诺雨晨衣服鞋包手表灯床桌椅沙发茶杯机器智能扫地锁摄像头米面油酒"
    "這個來國們為時說對過後會裡從現當無與應間學開業長動經還點電問關實機發體進車東門馬見風話語書買賣錢銀訂單號編顧戶額價數"
    "姓聯絡電郵址備註類規顏員級積註冊來優惠費貨還運達態臺灣台北高雄新竹桃園縣區鄉鎮路巷弄樓室陳張劉楊趙黃吳孫鄭謝韓馮蕭許鄧"
    "蔣賈葉閻鍾譚鄒陸龍湯賴龔偉靜麗強軍艷傑濤剛華紅鵬曉飛雲蘭婷淑惠美玲雅怡君志明俊傑家豪冠宇品牌產品總計線上門市付款訂購"
    "衣鞋錶燈機鎖頭麵類別銷售營業務稱簡體廠商訊息網紙條寶貝兒"
)
"""Hanzi of daily trade in both scripts: small words, places, surnames and given names, headers of tables."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding by the name people know and the Python codec that reads it."""

    name: str
    codec: str


CODECS_BY_MARK = {
    UTF8_MARK: Encoding("utf-8", "utf-8"),
    codecs.BOM_UTF16_LE: Encoding("utf-16-le", "utf-16-le"),
    codecs.BOM_UTF16_BE: Encoding("utf-16-be", "utf-16-be"),
}


def of(path: Path, said: str | None, *, start: bytes, utf8: bool, zeros: int) -> Encoding:
    """The encoding of the text ``path``: the one ``said``, or the only one in which it makes sense.

    ``start`` are its first bytes, ``utf8`` is whether it is UTF-8 throughout, ``zeros`` how many bytes are zero.
    Raises `FileRefused`: for a name that is no encoding, naming line and byte that do not fit it, with a preview of
    the possible readings where it cannot be told, and where the lines of a file differ in encoding.
    """
    marked = next((CODECS_BY_MARK[mark] for mark in CODECS_BY_MARK if start.startswith(mark)), None)
    encoding = marked
    if marked is None and zeros and (not utf8 or zeros * 10 > path.stat().st_size):
        encoding = _wide(path)
    if said is not None and not (encoding is not None and _python_name(said) == "utf-16"):
        encoding = _named(said)
        if utf8 and marked is None and encoding.name != "utf-8" and _shows_utf8(path):
            marked = CODECS_BY_MARK[UTF8_MARK]
        if marked not in (None, encoding):
            raise FileRefused(
                f"{path.name} is in {marked.name}, and in nothing else",
                received=f"--encoding {said}",
                next_step="Leave out --encoding",
            )
    if zeros and (encoding is None or not encoding.name.startswith("utf-16")):
        _must_be_text(path, utf8=utf8 or said is not None, zeros=zeros)
    if encoding is None:
        encoding = Encoding("utf-8", "utf-8") if utf8 and not _is_utf8_by_chance(path) else _guess(path)
    if not (utf8 and encoding.name == "utf-8"):
        _must_decode(path, encoding)
    return encoding


def _python_name(name: str) -> str:
    try:
        return codecs.lookup(name.strip()).name
    except LookupError:
        return ""


def _named(name: str) -> Encoding:
    wanted, known = name.strip().lower(), _python_name(name)
    for shown, codec in CODECS.items():
        if wanted == shown or known == codecs.lookup(codec).name:
            return Encoding(shown, codec)
    if known in _SAME:
        return Encoding(_SAME[known], CODECS[_SAME[known]])
    raise FileRefused("There is no such encoding", received=f"--encoding {name}", valid=", ".join(CODECS))


def _must_be_text(path: Path, *, utf8: bool, zeros: int) -> None:
    """A stray zero byte spoils its row only; many of them, or in no text at all, spoil the file."""
    if not utf8 or zeros > max(10, path.stat().st_size // 100):
        raise FileRefused(
            f"{path.name} is not text: it contains zero bytes",
            valid="CSV text, XLSX or Parquet",
            next_step="If it came from a spreadsheet, save it as XLSX or as CSV (UTF-8)",
        )


def _guess(path: Path) -> Encoding:
    sample = _telling_lines(path)
    readings = {shown: _reading(sample, CODECS[shown]) for shown in SENSE}
    senses = {shown: sense(text, shown) for shown, text in readings.items() if text is not None}
    best, *others = sorted(senses, key=lambda shown: -senses[shown]) or [""]
    clear = best and senses[best] >= SENSE[best]
    if best == "gb18030" and _is_korean(hangul := _reading(sample, CODECS["euc-kr"])):
        # The frequent hangul lie where half of the frequent hanzi do, and none where the other half does.
        readings, clear = {"euc-kr": hangul, **readings}, False
    if clear and all(senses[best] - senses[other] >= NEAR for other in others):
        return Encoding(best, CODECS[best])
    raise FileRefused(
        f"The encoding of {path.name} cannot be told",
        received="; ".join(_preview(shown, text) for shown, text in readings.items()),
        valid="a file in UTF-8, or the name of the encoding that reads right",
        next_step=f"Say it, for example --encoding {best or 'gb18030'}, or save the file as CSV UTF-8",
    )


def _must_decode(path: Path, encoding: Encoding) -> None:
    """Read ``path`` to its end. Raises `FileRefused` naming line and byte of what is not ``encoding``."""
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    before = lines = returns = 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding.codec, "replace")
                ends = lines + good.count("\n") or returns + good.count("\r")
                place = before + len(chunk) - len(error.object) + error.start
                raise FileRefused(
                    f"{path.name} is not {encoding.name} throughout",
                    received=f"byte 0x{error.object[error.start]:02X} in line {ends + 1} (byte {place} of the file)",
                    valid=f"a file that is {encoding.name} from beginning to end",
                    next_step="Say another encoding with --encoding, or correct that line; nothing was loaded",
                ) from error
            if not chunk:
                return
            before += len(chunk)
            lines += text.count("\n")
            returns += text.count("\r")


def decoded(path: Path, encoding: Encoding) -> Iterator[str]:
    """The text of ``path`` in parts, line ends as they are, without its mark; ``encoding`` must fit."""
    with path.open(encoding=encoding.codec, newline="") as file:
        first = True
        while part := file.read(CHUNK):
            yield part.removeprefix("\ufeff") if first else part
            first = False


# -- UTF-16 without a mark ---------------------------------------------------------------------------------------


def _wide(path: Path) -> Encoding | None:
    """UTF-16, when the bytes of a table's own characters (digits, separators, line ends) stand beside zeros."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if len(head) < 4 or path.stat().st_size % 2:
        return None
    counts = {}
    for shown in ("utf-16-le", "utf-16-be"):
        text = head.decode(CODECS[shown], "replace")
        counts[shown] = sum(text.count(c) for c in ",;|\t \r\n0123456789") / len(text)
    best = max(counts, key=lambda shown: counts[shown])
    return Encoding(best, CODECS[best]) if counts[best] > 0.02 > min(counts.values()) else None


# -- sense -------------------------------------------------------------------------------------------------------


def _telling_lines(path: Path) -> bytes:
    """The first lines that are not plain ASCII. Refuses a file of which some lines are UTF-8 and others are not."""
    sample, size = [], 0
    wide: list[int] = []
    other: list[int] = []
    wides = others = number = 0
    with path.open("rb") as file:
        while line := file.readline(CHUNK):
            number += 1
            if line.isascii():
                continue
            if size < SAMPLE:
                sample.append(line[:SAMPLE])
                size += len(line)
            if _is_hanzi_in_utf8(line):
                wides += 1
                wide = wide or [number]
            else:
                others += 1
                other = other or [number]
    if wides and others and wides * 100 >= wides + others:
        odd, rest = (wide[0], "UTF-8") if wides < others else (other[0], "another encoding than UTF-8")
        raise FileRefused(
            f"{path.name} is in more than one encoding",
            received=f"line {odd} is in {rest}, most lines are not"
            if wides != others
            else f"line {odd} is in {rest}",
            valid="a file in one encoding",
            next_step="It was probably joined from several files: import those one by one; nothing was loaded",
        )
    return b"".join(sample)


def _shows_utf8(path: Path) -> bool:
    with path.open("rb") as file:
        return any(_is_hanzi_in_utf8(line) for line in iter(lambda: file.readline(CHUNK), b""))


def _is_hanzi_in_utf8(line: bytes) -> bool:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not text.isascii() and any(
        ord(c) > 0x7FF for c in text
    )  # pairs of bytes are UTF-8 by chance too often


def _is_utf8_by_chance(path: Path) -> bool:
    """Whether a text that is UTF-8 throughout makes no sense as such: a few hanzi of GB18030 can be pairs of UTF-8.

    Such pairs read as Hebrew beside Cyrillic in one word, as marks upon nothing, as characters that are none.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE).rpartition(b"\n")[0] or path.read_bytes()[:SAMPLE]
    text = head.decode("utf-8", "ignore")
    words = [word for word in re.findall(r"[^\s,;|\"]+", text) if not word.isascii()]
    if any(ord(c) > 0x7FF for word in words for c in word):
        return False
    return 2 * sum(map(_is_nonsense, words)) > len(words)


def _is_nonsense(word: str) -> bool:
    kinds = [unicodedata.category(c) for c in word]
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in word if c.isalpha()}
    return "Cn" in kinds or kinds[0] == "Mn" or len(scripts) > 1


def _reading(sample: bytes, codec: str) -> str | None:
    try:
        return sample.decode(codec)
    except UnicodeDecodeError:
        return None


def _is_korean(text: str | None) -> bool:
    return text is not None and all("\uac00" <= c <= "\ud7a3" for c in text if ord(c) > 127)


def sense(text: str, encoding: str) -> float:
    """How much of the text beyond ASCII is what people write: 0 (none) to 1."""
    beyond = sum(1 for c in text if ord(c) > 127)
    if not beyond:
        return 0.0
    if encoding == "windows-1252":
        return sum(_sensible(word) for word in re.findall(r"\S+", text)) / beyond
    codec, upper = ("gb2312", 0xD8) if encoding == "gb18030" else ("cp950", 0xC9)
    return sum(_daily(c, codec, upper) for c in text if ord(c) > 127) / beyond


@cache
def _daily(character: str, codec: str, upper: int) -> float:
    """1 for hanzi of daily trade, less for others: both standards put the frequent ones below ``upper``."""
    if character in COMMON:
        return 1.0
    try:
        lead = character.encode(codec)[0]
    except UnicodeEncodeError:
        return 0.0
    if "\u4e00" <= character <= "\u9fff":
        return 0.5 if lead < upper else 0.2
    return (
        0.8
        if character in "　，。、；：？！（）《》“”‘’【】「」『』…—－～￥·％＋０１２３４５６７８９"
        else 0.1
    )


_WORD = re.compile(r"[^\W\d_]+")
_ALONE = frozenset("àÀéÉèÈìÌòÒóÓúÚáÁøØåÅöÖæÆ")
_SIGNS = frozenset("€£¥§©®°±²³«»·…–—‘’“”„•™¼½¾¿¡×\u00a0µªº")


def _sensible(piece: str) -> int:
    """How many characters beyond ASCII stand where western languages have them."""
    count = 0
    for word in _WORD.findall(piece):
        accents = [n for n, c in enumerate(word) if ord(c) > 127]
        if not accents:
            continue
        few = 2 * len(accents) <= len(word) or word in _ALONE
        cased = word.islower() or word.isupper() or all(word[n].islower() or n == 0 for n in accents)
        if few and cased:
            count += sum(1 for n in accents if word[n] not in "ªºµÐðÞþƒ")
    signs = [n for n, c in enumerate(piece) if c in _SIGNS and not c.isalpha()]
    for n in signs:
        left, right = piece[n - 1 : n], piece[n + 1 : n + 2]
        inside = left.isalpha() and right.isalpha() and piece[n] not in "’·"
        pair = any(ord(c) > 127 for c in left + right) and piece[n] not in "’‘“”„«»"
        count += not inside and not pair
    return count


def _preview(shown: str, text: str | None) -> str:
    if text is None:
        return f"{shown}: does not fit"
    lines = [line.strip() for line in text.splitlines() if not line.isascii()]
    return f"{shown}: “{' / '.join(lines)[:40]}”"
