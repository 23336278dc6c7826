// Draws what the API releases to the reader. The key stays in this page's memory.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);
let key = "";

async function features(collection) {
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  const answer = await fetch(`/collections/${collection}/items?f=json&limit=5000`, { headers });
  if (answer.status === 401 && key) throw new Error("The key is not valid.");
  if (!answer.ok) return [];
  return (await answer.json()).features;
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
    row.insertCell().append(link);
  }
}

async function show() {
  const state = byId("state");
  state.textContent = "Loading …";
  try {
    const [zones, alerts, scenes, contacts] = await Promise.all([
      features("watch-regions"), features("alerts"),
      key ? features("scenes") : [], key ? features("contacts") : [],
    ]);
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
    state.textContent = `${alerts.length} alerts, ${contacts.length} contacts, ${scenes.length} scenes.`;
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
