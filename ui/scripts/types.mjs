// Makes the page's types from the schema that the program prints:
//   corridor schema report | node scripts/types.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

// The generator knows tuples as an array of `items`, as drafts before 2020-12 write them.
const older = (_, value) => {
  if (value === null || typeof value !== "object" || !Array.isArray(value.prefixItems)) return value;
  const { prefixItems, ...rest } = value;
  return { ...rest, items: prefixItems };
};
const from = process.argv[2] ?? "-";
const schema = JSON.parse(readFileSync(from === "-" ? 0 : from, "utf8"), older);
const text = await compile(schema, "ReportData", {
  bannerComment: "// Made from `corridor schema report` by scripts/types.mjs; do not edit.",
  additionalProperties: false,
  style: { printWidth: 120 },
});
writeFileSync(process.argv[3] ?? fileURLToPath(new URL("../src/generated/report.ts", import.meta.url)), text);
