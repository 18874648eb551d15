import { openLocal } from '../src/connection/local.js';

const [root, method, params] = process.argv.slice(2);
const outcome = await openLocal({ program: 'ask', socketPath: `${root}/run/quorate/quorated.sock` });
if (!outcome.ok) {
  console.log(outcome);
  process.exit(1);
}
const answer = await outcome.value.call(method as never, JSON.parse(params ?? '{}') as never);
console.log(
  answer.ok
    ? typeof (answer.value as any).cib === 'string'
      ? (answer.value as any).cib.replace(/></g, '>\n<')
      : JSON.stringify(answer.value, null, 1)
    : JSON.stringify(answer.error),
);
process.exit(0);
