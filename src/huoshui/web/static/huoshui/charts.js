/* Draws the charts of the page with ECharts, from the options that stand in it as JSON. Adds what JSON cannot say:
   colours of the theme, fonts with Chinese, how numbers are written. Loaded only where there is a chart. */
(function () {
  "use strict";
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function painted(value) {
    if (typeof value === "string") return value.startsWith("--hs-") ? token(value) : value;
    if (Array.isArray(value)) return value.map(painted);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, painted(v)]));
    return value;
  }

  function short(value, zh) {
    const size = Math.abs(value);
    const scaled = (by, unit, digits) => (value / by).toLocaleString("en", { maximumFractionDigits: digits }) + unit;
    if (zh) return size >= 1e8 ? scaled(1e8, " 亿", 2) : size >= 1e4 ? scaled(1e4, " 万", 1) : value.toLocaleString("en");
    return size >= 1e9 ? scaled(1e9, "B", 2) : size >= 1e6 ? scaled(1e6, "M", 2) : size >= 1e3 ? scaled(1e3, "k", 1) : value.toLocaleString("en");
  }

  function writer({ language, unit, currency }) {
    const sign = currency === "CNY" ? "¥" : currency + " ";
    return (value, whole) => {
      if (value === null || value === undefined || value === "-") return "–";
      if (unit === "share") return (value * 100).toLocaleString("en", { maximumFractionDigits: 1 }) + "%";
      const text = whole ? Math.abs(value).toLocaleString("en", { maximumFractionDigits: unit === "money" ? 0 : 2 }) : short(Math.abs(value), language === "zh");
      return (value < 0 ? "−" : "") + (unit === "money" ? sign : "") + text;
    };
  }

  function whole(said) {
    const font = getComputedStyle(document.body).fontFamily, ink = token("--hs-ink");
    const write = writer(said.hs), option = painted(said);
    delete option.hs;
    const label = { color: token("--hs-axis"), fontSize: 12, fontFamily: font, hideOverlap: true };
    option.aria = { enabled: true };
    option.animation = !still();
    option.animationDuration = 220;
    option.animationDurationUpdate = 220;
    option.textStyle = { fontFamily: font, color: ink };
    const noted = option.series.some((one) => one.markPoint && one.markPoint.data.length);
    option.grid = { left: 2, right: 14, top: noted ? 34 : 14, bottom: 2, containLabel: true };
    Object.assign(option.xAxis, { axisLine: { lineStyle: { color: token("--hs-line") } }, axisTick: { show: false }, axisLabel: label, splitLine: { show: false } });
    if (option.xAxis.data.length > 16) option.xAxis.axisLabel = Object.assign({}, label, { interval: Math.ceil(option.xAxis.data.length / 10) - 1 });
    Object.assign(option.yAxis, { axisLine: { show: false }, axisTick: { show: false }, axisLabel: Object.assign({}, label, { formatter: (v) => write(v, false) }), splitLine: { lineStyle: { color: token("--hs-grid") } } });
    option.series.forEach((one) => { if (one.markPoint) Object.assign(one.markPoint.label, { fontFamily: font, fontSize: 12 }); });
    /* richText draws the tooltip inside the picture: the HTML one needs inline styles, which the policy refuses. */
    option.tooltip = {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: token("--hs-raised"), borderColor: token("--hs-line"), borderWidth: 1, padding: [8, 10],
      textStyle: { color: ink, fontSize: 12, fontFamily: font, lineHeight: 18 },
      axisPointer: { type: option.xAxis.boundaryGap ? "shadow" : "line", lineStyle: { color: token("--hs-line-strong") }, shadowStyle: { color: token("--hs-line"), opacity: 0.35 } },
      formatter: (points) => [points[0].axisValueLabel].concat(points.slice().reverse().map((p) => p.seriesName + "  " + write(p.value, true))).join("\n"),
    };
    return option;
  }

  /* Numbers open to what is behind them by the links of the table, which keys reach; a click on the chart follows the
     one of the series that passes nearest. */
  function opening(place, chart) {
    const table = place.nextElementSibling && place.nextElementSibling.querySelector("table");
    if (!table || !table.querySelector("tbody a")) return;
    const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const link = ({ offsetX, offsetY }) => {
      const point = [offsetX, offsetY];
      if (!chart.containPixel("grid", point)) return null;
      const [index, height] = chart.convertFromPixel({ gridIndex: 0 }, point);
      const row = table.tBodies[0].rows[Math.round(index)];
      const near = chart.getOption().series.map((one) => {
        const cell = row && row.cells[names.indexOf(one.name, 1)];
        return { found: cell && cell.querySelector("a"), far: Math.abs(one.data[Math.round(index)] - height) };
      });
      const [first] = near.filter(({ found }) => found).sort((a, b) => a.far - b.far);
      return first ? first.found : null;
    };
    chart.getZr().on("mousemove", (event) => chart.getZr().setCursorStyle(link(event) ? "pointer" : "default"));
    chart.getZr().on("click", (event) => { const found = link(event); if (found) location.assign(found.href); });
  }

  const drawn = [];
  function draw(within) {
    within.querySelectorAll(".hs-chart:not([data-drawn])").forEach((place) => {
      place.dataset.drawn = "";
      const said = JSON.parse(place.querySelector("script").textContent);
      const chart = echarts.init(place, null, { renderer: "svg" });
      const paint = () => chart.setOption(whole(said), true);
      paint();
      opening(place, chart);
      drawn.push({ place, chart, paint });
      new ResizeObserver(() => chart.resize()).observe(place);
    });
  }
  draw(document);
  document.addEventListener("htmx:afterSettle", (event) => draw(event.target));
  document.addEventListener("huoshui:theme", () => drawn.forEach(({ paint }) => paint()));
})();
