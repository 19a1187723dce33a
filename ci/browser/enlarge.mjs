// Enlarges results to 5,000 instances and 200 transcripts by repeating what they contain.
import { readFileSync, writeFileSync } from "node:fs";

const [from, to] = process.argv.slice(2);
const results = JSON.parse(readFileSync(from, "utf8"));
const enlarge = (list, size, copy) => {
  const all = [];
  for (let i = 0; all.length < size; i++) all.push(copy(list[i % list.length], Math.floor(i / list.length)));
  return all;
};
const renamed = (id, n) => (n ? id.replace("@", `-${n}@`) : id);
const drawn = results.transcripts.filter(shown => shown.lines.length);
results.instances = enlarge(results.instances, 5000, (one, n) => ({ ...one, id: renamed(one.id, n) }));
results.transcripts = enlarge(drawn, 200, (one, n) => ({ ...one, instance: renamed(one.instance, n) }));
writeFileSync(to, JSON.stringify(results));
