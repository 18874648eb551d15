/**
 * Runs generated configurations, sound and odd, through Pacemaker's crm_verify and through ours, and compares exit
 * status and complaints.
 *
 *     node scripts/build.mjs && node scripts/compare-with-crm-verify.mjs [--crm-verify /usr/sbin/crm_verify] [--runs 50] [--seed 1]
 *
 * Prints what was changed in every configuration that is judged differently; ends with 1 where there is one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomNumbers } from './random-numbers.mjs';

const { values: options } = parseArgs({
  options: {
    'crm-verify': { type: 'string', default: '/usr/sbin/crm_verify' },
    runs: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
  },
});
const ours = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist/bin/crm_verify');
const theirs = options['crm-verify'];
if (!existsSync(theirs) || !existsSync(ours)) {
  console.error(`needs ${theirs} (package pacemaker-cli-utils) and ${ours} (node scripts/build.mjs)`);
  process.exit(2);
}

const RESOURCES = ['p1', 'p2', 'g', 'ga', 'c', 'cs', 'st', 'tmpl', 'tg', 'nosuch'];
const VALUES =
  '0 1 -1 true false yes INFINITY -INFINITY inf 1week 5x P1D PT5M P1X never 10s 1.5 500ms Started Promoted Master Boss stop fence block nosuch p1 alpha 2024-01-01 yesterday 2024-13-45 eq reboot poweroff freeze suicide ignore balanced custom 99999999999'.split(
    ' ',
  );
const OPTIONS =
  'no-quorum-policy symmetric-cluster maintenance-mode start-failure-is-fatal shutdown-lock shutdown-lock-limit stonith-enabled stonith-action stonith-timeout have-watchdog startup-fencing priority-fencing-delay cluster-delay batch-limit migration-limit remove-after-stop node-health-strategy node-health-base placement-strategy pe-error-series-max cluster-recheck-interval bogus'.split(
    ' ',
  );
const META =
  'target-role is-managed priority resource-stickiness requires migration-threshold failure-timeout multiple-active clone-max clone-node-max promoted-max promotable globally-unique ordered interleave restart-type'.split(
    ' ',
  );

/** A CIB with up to three oddities, and what they are. */
function generate(seed) {
  const random = randomNumbers(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  let id = 0;
  const fresh = () => `x${++id}`;
  const value = () => pick(VALUES);
  const nvpair = (name) => `<nvpair id="${fresh()}" name="${name}" value="${value()}"/>`;
  const parts = { options: '', meta: { p1: '', g: '', c: '' }, operations: '', constraints: '', rules: '' };
  const what = [];
  const maybe = (name, values) => (random() < 0.3 ? ` ${name}="${pick(values)}"` : '');
  const reference = () => pick(RESOURCES);
  const oddities = [
    () => {
      parts.options += nvpair(pick(OPTIONS));
      return parts.options;
    },
    () => {
      const on = pick(Object.keys(parts.meta));
      parts.meta[on] += nvpair(pick(META));
      return `${on}: ${parts.meta[on]}`;
    },
    () => {
      const op = `<op id="${fresh()}" name="${pick(['monitor', 'start', 'stop', 'notify'])}" interval="${pick(['0', '10s', '1week', 'P1D', '-5'])}"${maybe('on-fail', VALUES)}${maybe('role', ['Started', 'Promoted', 'Boss'])}${maybe('start-delay', VALUES)}/>`;
      parts.operations += op;
      return op;
    },
    () => {
      const sets = Array.from(
        { length: 2 },
        () =>
          `<resource_set id="${fresh()}"${maybe('sequential', ['true', 'false'])}${maybe('role', ['Promoted', 'Boss'])}><resource_ref id="${reference()}"/><resource_ref id="${reference()}"/></resource_set>`,
      ).join('');
      const constraint = pick([
        () =>
          `<rsc_location id="${fresh()}" rsc="${reference()}" node="${pick(['alpha', 'nosuch'])}" score="${pick(['5', '-INFINITY'])}"${maybe('role', ['Promoted', 'Boss'])}/>`,
        () =>
          `<rsc_location id="${fresh()}" rsc-pattern="${pick(['p.*', '(', '['])}" node="alpha" score="5"/>`,
        () =>
          `<rsc_colocation id="${fresh()}" score="5" rsc="${reference()}" with-rsc="${reference()}"${maybe('influence', ['true', 'x'])}${maybe('rsc-role', ['Promoted', 'Boss'])}/>`,
        () => `<rsc_colocation id="${fresh()}" score="INFINITY">${sets}</rsc_colocation>`,
        () =>
          `<rsc_order id="${fresh()}" first="${reference()}" then="${reference()}"${maybe('kind', ['Mandatory', 'Serialize', 'x'])}${maybe('symmetrical', ['true', 'false'])}${maybe('first-action', ['promote', 'stop'])}${maybe('require-all', ['false'])}/>`,
        () => `<rsc_order id="${fresh()}" kind="Optional">${sets}</rsc_order>`,
        () =>
          `<rsc_ticket id="${fresh()}" ticket="T" rsc="${reference()}"${maybe('loss-policy', ['stop', 'fence', 'x'])}/>`,
      ])();
      parts.constraints += constraint;
      return constraint;
    },
    () => {
      const inside = pick([
        () =>
          `<date_expression id="${fresh()}" operation="${pick(['gt', 'lt', 'in_range'])}" start="${value()}" end="${value()}"/>`,
        () =>
          `<expression id="${fresh()}" attribute="site" operation="${pick(['eq', 'lt', 'bogus'])}" value="${value()}"/>`,
      ])();
      const rule = `<rsc_location id="${fresh()}" rsc="p1"><rule id="${fresh()}"${pick([' score="5"', ' score-attribute="site"', ''])}>${inside}</rule></rsc_location>`;
      parts.constraints += rule;
      return rule;
    },
    () => {
      const set = `<meta_attributes id-ref="${pick(['p1-i', 'rd', 'nosuch'])}"/>`;
      parts.rules = set;
      return set;
    },
  ];
  for (let i = 0; i < 1 + Math.floor(random() * 3); i++) what.push(pick(oddities)());
  const meta = (on) =>
    parts.meta[on] === '' ? '' : `<meta_attributes id="${on}-m">${parts.meta[on]}</meta_attributes>`;
  const dummy = (name, inside = '') =>
    `<primitive id="${name}" class="ocf" provider="heartbeat" type="Dummy">${inside}</primitive>`;
  const text = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0" have-quorum="1" dc-uuid="1">
<configuration><crm_config><cluster_property_set id="cib-bootstrap-options">${parts.options}</cluster_property_set></crm_config>
<nodes><node id="1" uname="alpha"><instance_attributes id="n1"><nvpair id="n1-site" name="site" value="east"/></instance_attributes></node><node id="2" uname="bravo"/></nodes>
<resources><template id="tmpl" class="ocf" provider="heartbeat" type="Dummy"/>
${dummy('p1', `<instance_attributes id="p1-i"><nvpair id="p1-s" name="state" value="/run/p1"/></instance_attributes>${parts.rules}${meta('p1')}<operations><op id="p1-mon" name="monitor" interval="20s"/>${parts.operations}</operations>`)}
<primitive id="p2" template="tmpl"/><primitive id="st" class="stonith" type="fence_xvm"/>
<group id="g">${meta('g')}${dummy('ga')}${dummy('gb')}</group><clone id="c">${meta('c')}<primitive id="cs" class="ocf" provider="pacemaker" type="Stateful"/></clone></resources>
<constraints>${parts.constraints}</constraints><tags><tag id="tg"><obj_ref id="p1"/><obj_ref id="p2"/></tag></tags>
<rsc_defaults><meta_attributes id="rd"><nvpair id="rd-s" name="resource-stickiness" value="1"/></meta_attributes></rsc_defaults></configuration>
<status><node_state id="1" uname="alpha" in_ccm="true" crmd="online" join="member" expected="member"/><node_state id="2" uname="bravo" in_ccm="true" crmd="online" join="member" expected="member"/></status></cib>
`;
  return { text, what };
}

/** Exit status and complaints; of what the schema refuses only that it does. */
function judge(program, folder) {
  const ran = spawnSync(program, ['-x', 'cib.xml', '-VV'], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, TZ: 'UTC', LC_ALL: 'C.UTF-8', TERM: 'dumb' },
  });
  const lines = `${ran.stdout}${ran.stderr}`.split('\n').flatMap((line) => {
    const text = line.replace(/^\(\w+\) *\t?/, '').trim();
    return text === '' || text.includes('validity error') ? [] : [text];
  });
  const refused = lines.some((line) => line.includes('did not pass schema'));
  return {
    died: ran.status === null || ran.status >= 128,
    lines: refused ? ['refused by the schema'] : [`status ${ran.status}`, ...new Set(lines)].sort(),
  };
}

let differences = 0;
for (let i = 0; i < Number(options.runs); i++) {
  const seed = Number(options.seed) + i;
  const { text, what } = generate(seed);
  const folder = mkdtempSync(join(tmpdir(), 'compare-verify-'));
  try {
    writeFileSync(join(folder, 'cib.xml'), text);
    const [their, own] = [judge(theirs, folder), judge(ours, folder)];
    if (their.died || their.lines.join('\n') === own.lines.join('\n')) continue;
    differences += 1;
    console.log(`\n=== seed ${seed}`);
    for (const line of what) console.log(`    | ${line}`);
    for (const line of their.lines) if (!own.lines.includes(line)) console.log(`  - ${line}`);
    for (const line of own.lines) if (!their.lines.includes(line)) console.log(`  + ${line}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(`\n${differences} of ${options.runs} configurations are judged differently`);
process.exit(differences > 0 ? 1 : 0);
