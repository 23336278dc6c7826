// Draws what the API releases to the reader. The key stays in this page's memory.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);
let key = "";

const PAGE = 5000;

// The answer, or nothing where there is nothing for this reader.
async function ask(path) {
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  const answer = await fetch(path, { headers });
  if (answer.status === 401 && key) throw new Error("The key is not valid.");
  return answer.ok ? answer : null;
}

async function json(path) {
  const answer = await ask(path);
  return answer ? answer.json() : null;
}

// Items come oldest first: where a page does not hold all, the earliest time is sought from which it holds the rest.
async function newest(collection) {
  const at = `/collections/${collection}`;
  const items = (limit, since) =>
    json(`${at}/items?f=json&limit=${limit}${since ? `&datetime=${new Date(since).toISOString()}/..` : ""}`);
  const all = await items(PAGE);
  if (!all) return { features: [], matched: 0 };
  const matched = all.numberMatched;
  const extent = matched > PAGE ? (await json(`${at}?f=json`)).extent : null;
  if (!extent || !extent.temporal) return { features: all.features, matched };
  let [early, late] = extent.temporal.interval[0].map(Date.parse);
  for (let step = 0; step < 16; step += 1) {
    const middle = (early + late) / 2;
    if ((await items(1, middle)).numberMatched > PAGE) early = middle;
    else late = middle;
  }
  return { features: (await items(PAGE, late)).features, matched };
}

function counted({ features, matched }, name) {
  return features.length < matched ? `${features.length} of ${matched} ${name}` : `${matched} ${name}`;
}

function corners(geometry, out = []) {
  if (!geometry) return out;
  const walk = (part) => (typeof part[0] === "number" ? out.push(part) : part.forEach(walk));
  walk(geometry.coordinates);
  return out;
}

function frame(groups) {
  const all = groups.flat().flatMap((feature) => corners(feature.geometry));
  if (all.length === 0) return { west: -180, north: 90, scale: 1000 / 360 };
  const lons = all.map((c) => c[0]), lats = all.map((c) => c[1]);
  const span = (values) => [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const [west, east] = span(lons), [south, north] = span(lats);
  const scale = Math.min(960 / Math.max(east - west, 0.1), 460 / Math.max(north - south, 0.1));
  return { west: west - 20 / scale, north: north + 20 / scale, scale };
}

function draw(map, at, features, kind, shape) {
  const place = ([lon, lat]) => [(lon - at.west) * at.scale, (at.north - lat) * at.scale];
  for (const feature of features) {
    if (!feature.geometry) continue;
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", kind);
    if (feature.geometry.type === "Point") {
      const [x, y] = place(feature.geometry.coordinates);
      path.setAttribute("d", shape(x, y));
    } else {
      const rings = feature.geometry.coordinates.flat();
      path.setAttribute("d", rings.map((ring) => `M${ring.map((c) => place(c).join(" ")).join("L")}Z`).join(""));
    }
    const title = document.createElementNS(SVG, "title");
    title.textContent = feature.properties.headline || feature.properties.name || feature.id;
    path.append(title);
    map.append(path);
  }
}

const square = (x, y) => `M${x - 7} ${y - 7}h14v14h-14z`;
const diamond = (x, y) => `M${x} ${y - 6}l6 6l-6 6l-6 -6z`;
const dot = (x, y) => `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0`;

function list(alerts) {
  const body = byId("alerts");
  body.replaceChildren();
  for (const feature of [...alerts].reverse()) {
    const p = feature.properties;
    const row = body.insertRow();
    const [lon, lat] = feature.geometry.coordinates;
    for (const text of [p.datetime, p.tlp, p.headline, `${lat.toFixed(4)}, ${lon.toFixed(4)}`]) {
      row.insertCell().textContent = text;
    }
    const link = document.createElement("a");
    link.href = `/alerts/${encodeURIComponent(feature.id)}.xml`;
    link.textContent = feature.id;
    if (key) link.addEventListener("click", (event) => {
      event.preventDefault();
      save(link.href, `${feature.id}.xml`);
    });
    row.insertCell().append(link);
  }
}

// A link sends no key: with one, the file is asked for here and handed to the browser.
async function save(address, name) {
  try {
    const answer = await ask(address);
    if (!answer) throw new Error(`${name} could not be read.`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  } catch (error) {
    byId("state").textContent = error.message;
  }
}

async function show() {
  const state = byId("state");
  state.textContent = "Loading …";
  try {
    const nothing = { features: [], matched: 0 };
    const found = await Promise.all([
      newest("watch-regions"), newest("alerts"),
      key ? newest("scenes") : nothing, key ? newest("contacts") : nothing,
    ]);
    const [zones, alerts, scenes, contacts] = found.map((page) => page.features);
    const seen = [alerts, scenes, contacts];
    const at = frame(seen.some((group) => group.length) ? seen : [zones]);
    const map = byId("map");
    map.replaceChildren();
    draw(map, at, scenes, "scene");
    draw(map, at, zones, "zone");
    const open = (c) => c.properties.verdict === "uncorrelated";
    draw(map, at, contacts.filter((c) => !open(c)), "contact", dot);
    draw(map, at, contacts.filter(open), "uncorrelated", diamond);
    draw(map, at, alerts, "alert", square);
    list(alerts);
    const counts = [[1, "alerts"], [3, "contacts"], [2, "scenes"]].map(([n, name]) => counted(found[n], name));
    state.textContent = `${counts.join(", ")}.`;
  } catch (error) {
    state.textContent = error.message;
  }
}

byId("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key = byId("key").value.trim();
  show();
});
show();
