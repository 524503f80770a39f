// Draws the charts of a page with ECharts from the JSON beside them, in the colours of the tokens.
// Only bars and lines; the table behind each chart says the same without this file.
"use strict";

// A block of its own: scripts of one page share one scope.
{
const drawn = new Map();
const figures = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });
const LINES = ["solid", "dashed", "dotted", "solid", "dashed"];
const SIGNS = ["circle", "rect", "triangle", "diamond", "emptyCircle"];

// A token as the browser resolves it here and now, light or dark.
function colour(token) {
  const probe = document.createElement("i");
  probe.className = "plot__probe";
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const found = window.getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function seriesOf(data, one, place) {
  const line = data.kind === "line";
  return {
    name: one.name,
    type: line ? "line" : "bar",
    data: one.values,
    stack: data.kind === "stacked" ? "all" : undefined,
    barMaxWidth: 36,
    symbol: SIGNS[place],
    symbolSize: 6,
    showSymbol: one.values.length <= 31,
    lineStyle: { width: 2, type: LINES[place] },
    itemStyle: { borderRadius: line || data.kind === "stacked" ? 0 : data.kind === "across" ? [0, 3, 3, 0] : [3, 3, 0, 0] },
  };
}

function optionsOf(data) {
  const quiet = colour("--text-quiet");
  const grid = colour("--line");
  const words = { color: quiet, fontSize: 12, fontFamily: window.getComputedStyle(document.body).fontFamily };
  const names = { type: "category", data: data.labels, axisLabel: { ...words, hideOverlap: true }, axisLine: { lineStyle: { color: grid } }, axisTick: { show: false } };
  const values = { type: "value", axisLabel: { ...words, formatter: (value) => short.format(value) }, splitLine: { lineStyle: { color: grid } }, splitNumber: 4 };
  const across = data.kind === "across";
  return {
    animation: false,
    color: [1, 2, 3, 4, 5].map((place) => colour(`--series-${place}`)),
    grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
    xAxis: across ? values : names,
    yAxis: across ? { ...names, inverse: true } : values,
    tooltip: {
      trigger: "axis", renderMode: "richText", axisPointer: { type: data.kind === "line" ? "line" : "shadow" },
      backgroundColor: colour("--raised"), borderColor: grid, textStyle: { ...words, color: colour("--text") },
      valueFormatter: (value) => (value === null ? "–" : `${figures.format(value)} ${data.unit}`.trim()),
    },
    series: data.series.map((one, place) => seriesOf(data, one, place)),
  };
}

function draw(figure) {
  const area = figure.querySelector("[data-plot]");
  const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const chart = drawn.get(figure) || window.echarts.init(area, null, { renderer: "canvas" });
  drawn.set(figure, chart);
  chart.setOption(optionsOf(data), true);
}

function drawAll() {
  for (const [figure, chart] of drawn) if (!figure.isConnected) { chart.dispose(); drawn.delete(figure); }
  document.querySelectorAll("[data-chart]").forEach(draw);
}

drawAll();
new ResizeObserver(() => { for (const chart of drawn.values()) chart.resize(); }).observe(document.body);
new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
// Paper is white: what is printed is drawn in light colours.
window.matchMedia("print").addEventListener("change", drawAll);
document.body.addEventListener("htmx:load", drawAll);
}
