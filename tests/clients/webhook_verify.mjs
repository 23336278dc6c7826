// Verifies webhooks with npm's standardwebhooks.
//
// Arguments: the folder with node_modules. Standard input: JSON lines {"secret": …, "headers": {…}, "body": text}.
// Prints the id of each; exits 1 if one fails or there is none.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "package.json"));
const { Webhook } = require("standardwebhooks");
const lines = readFileSync(0, "utf8").split("\n").filter((line) => line);
for (const line of lines) {
  const { secret, headers, body } = JSON.parse(line);
  new Webhook(secret).verify(body, headers);
  console.log(headers["webhook-id"]);
}
process.exit(lines.length ? 0 : 1);
