// Holds a KEDA ScaledObject against the schema of its custom resource, and its triggers against the parameters that KEDA's
// documentation of the scaler lists, which the schema leaves open.
//
// Usage: scaled_object.mjs NODE_FOLDER DOCUMENT
import { createRequire } from "node:module";

const require = createRequire(process.argv[2] + "/package.json");
const { ScaledObject } = require("@kubernetes-models/keda/keda.sh/v1alpha1");
const document = JSON.parse(process.argv[3]);
new ScaledObject(document).validate();

// https://keda.sh/docs/scalers/nats-jetstream: those without a default, then the others.
const needed = ["natsServerMonitoringEndpoint", "account", "stream", "consumer", "lagThreshold"];
const known = [...needed, "activationLagThreshold", "useHttps"];
for (const { type, metadata } of document.spec.triggers) {
  if (type !== "nats-jetstream") throw new Error(`trigger ${type}; expected nats-jetstream`);
  for (const name of needed) if (!(name in metadata)) throw new Error(`${name} is missing`);
  for (const name of Object.keys(metadata)) if (!known.includes(name)) throw new Error(`${name} is not known`);
}
console.log("valid");
