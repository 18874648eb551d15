/**
 * Runs generated commands with `-f FILE` or `--corosync_conf=FILE` through the real pcs and through ours, and compares after each: what
 * is left of the file (the XML's attribute order and version numbers apart), standard output, standard error and the exit status. After a
 * difference ours goes on with the file of the real one.
 *
 *     node scripts/build.mjs && node scripts/compare-with-pcs.mjs [--pcs /usr/sbin/pcs] [--runs 20] [--lines 25] [--seed 1]
 *         [--only KIND] [--script FILE]
 *
 * `--only` makes commands of one kind (see pcs-commands.mjs); `--script` takes a file's lines in place of made-up commands. Prints every difference and how many commands were the same; ends with 1 where XML or status differed. Usage texts
 * are our own and count as the same.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CONF, commandsOf, OPENING } from './pcs-commands.mjs';

const { values: options } = parseArgs({
  options: {
    pcs: { type: 'string', default: '/usr/sbin/pcs' },
    runs: { type: 'string', default: '20' },
    lines: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    script: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});
const ours = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist/bin/pcs');
if (!existsSync(options.pcs) || !existsSync(ours)) {
  console.error(`needs ${options.pcs} (package pcs) and ${ours} (node scripts/build.mjs)`);
  process.exit(2);
}

/** Lines of a script; what begins with # is none. */
const scripted =
  options.script === undefined
    ? null
    : readFileSync(options.script, 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '' && !line.startsWith('#'));

const START_CONF = `totem {
    version: 2
    cluster_name: c1
    transport: knet
    crypto_cipher: aes256
    crypto_hash: sha256
    cluster_uuid: 0123456789abcdef0123456789abcdef
}

nodelist {
    node {
        ring0_addr: 10.0.0.1
        name: n1
        nodeid: 1
    }

    node {
        ring0_addr: 10.0.0.2
        name: n2
        nodeid: 2
    }
}

quorum {
    provider: corosync_votequorum
    two_node: 1
}

logging {
    to_logfile: yes
    logfile: /var/log/cluster/corosync.log
    to_syslog: yes
    timestamp: on
}
`;

const START = `<cib admin_epoch="0" epoch="1" num_updates="0" validate-with="pacemaker-3.9">
  <configuration>
    <crm_config><cluster_property_set id="cib-bootstrap-options">
      <nvpair id="cib-bootstrap-options-cluster-name" name="cluster-name" value="c1"/>
    </cluster_property_set></crm_config>
    <nodes><node id="1" uname="n1"/><node id="2" uname="n2"/><node id="3" uname="n3"/></nodes>
    <resources/><constraints/>
  </configuration>
  <status/>
</cib>
`;

/**
 * Reads a request a line and answers it; starting Python and importing pcs once saves most of the time. `argv` is a
 * shell's: a child of it is a process of pcs like any other.
 */
const SERVER = `
import json, os, runpy, sys, tempfile
program = sys.argv[1]
sys.path.insert(0, "/usr/lib/python3/dist-packages")
import pcs.app
for line in sys.stdin:
    words = json.loads(line)
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        sys.argv = [program] + words
        try:
            pcs.app.main(words)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else (0 if end.code is None else 1)
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        except BaseException:
            import traceback
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    texts = []
    for file in (out, err):
        file.seek(0)
        texts.append(file.read().decode("utf8", "replace"))
    print(json.dumps([os.waitstatus_to_exitcode(status)] + texts), flush=True)
`;

class Theirs {
  #process = spawn('python3', ['-c', SERVER, options.pcs], { stdio: ['pipe', 'pipe', 'inherit'] });
  #waiting = [];
  #text = '';

  constructor() {
    this.#process.stdout.on('data', (data) => {
      this.#text += data;
      for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
        const [status, out, err] = JSON.parse(this.#text.slice(0, end));
        this.#text = this.#text.slice(end + 1);
        this.#waiting.shift()({ status, out, err });
      }
    });
  }

  async run(side, command) {
    const said = await new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#process.stdin.write(`${JSON.stringify(wordsOf(command, side))}\n`);
    });
    return { status: said.status, out: neutral(said.out, side), err: neutral(said.err, side) };
  }

  end() {
    this.#process.stdin.end();
  }
}

function runOurs(side, command) {
  return new Promise((resolve) => {
    const child = spawn(ours, wordsOf(command, side), { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => {
      out += data;
    });
    child.stderr.on('data', (data) => {
      err += data;
    });
    child.on('close', (status) => resolve({ status, out: neutral(out, side), err: neutral(err, side) }));
  });
}

/** Without what cannot be the same: paths, times, usage texts, a warning about a file of pcs's daemon. */
function neutral(text, { cib, conf }) {
  return text
    .replaceAll(cib, 'FILE')
    .replaceAll(conf, 'CONF')
    .replace(/\/tmp\/tmp\w+\.pcs/g, 'FILE')
    .replace(/\n?Usage: pcs[\s\S]*$/, 'USAGE\n')
    .replace(/^Warning: Unable to read the known-hosts file.*\n/gm, '')
    .replace(/(Last updated: |Last change: ).*/g, '$1TIME')
    .replace(/(cluster_uuid\W+|UUID: )[0-9a-f]{32}/g, '$1UUID')
    .replace(/<(summary|last_update|last_change|pacemaker-result)\b[^>]*>/g, '<$1>')
    .replace(/(epoch|num_updates|admin_epoch)="\d+"/g, '$1=""')
    .replace(/[ \t]+$/gm, '');
}

/** XML with attributes in order and without versions and blanks. */
function canonical(file) {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text
    .replace(/<\?xml.*?\?>/, '')
    .replace(/>\s+</g, '>\n<')
    .replace(/<([\w-]+)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>/g, (_, name, attributes, end) => {
      const sorted = [...attributes.matchAll(/([\w:-]+)="[^"]*"/g)]
        .filter(
          ([, key]) =>
            !/^(admin_epoch|epoch|num_updates|cib-last-written|update-\w+|crm_feature_set)$/.test(key),
        )
        .map(([whole]) => whole.replace(/&apos;/g, "'"))
        .sort();
      return `<${[name, ...sorted].join(' ')}${end}>`;
    })
    .replace(/<([\w-]+)([^<>/]*)>\s*<\/\1>/g, '<$1$2/>')
    .trim();
}

/** A command's words for the files of one side, as a shell reads them, without quotes: none are made. */
function wordsOf(command, side) {
  const words = command.split(/\s+/).filter((word) => word !== '');
  if (!command.includes(CONF)) return ['-f', side.cib, ...words];
  return words.map((word) => word.replace(CONF, side.conf));
}

/** What a session works on: a CIB and a corosync.conf for each of the two. */
function filesIn(folder, name) {
  return { cib: join(folder, `${name}.xml`), conf: join(folder, `${name}.conf`) };
}

/** Both files as they compare; a cluster's new identifier is nobody's. */
function left({ cib, conf }) {
  const text = existsSync(conf) ? readFileSync(conf, 'utf8') : '';
  return `${canonical(cib)}\n${text.replace(/(cluster_uuid: ).*/, '$1UUID')}`;
}

function copyFiles(from, to) {
  for (const name of ['cib', 'conf']) copyFileSync(from[name], to[name]);
}

async function session(seed) {
  const folder = mkdtempSync(join(tmpdir(), 'compare-pcs-'));
  const theirs = filesIn(folder, 'theirs');
  const mine = filesIn(folder, 'ours');
  writeFileSync(theirs.cib, START);
  writeFileSync(theirs.conf, START_CONF);
  const real = new Theirs();
  for (const command of OPENING) await real.run(theirs, command);
  copyFiles(theirs, mine);
  const results = [];
  for (const command of scripted ?? commandsOf(seed, Number(options.lines), options.only)) {
    const [a, b] = await Promise.all([real.run(theirs, command), runOurs(mine, command)]);
    const differs = [];
    const [x, y] = [left(theirs), left(mine)];
    // Pacemaker's patches do not fit everywhere: that the real one fails there is no fault of ours.
    if (a.err.includes('Application of update diff failed')) {
      copyFiles(theirs, mine);
      continue;
    }
    if (x !== y) differs.push(['xml', x, y]);
    if (a.status !== b.status) differs.push(['status', String(a.status), String(b.status)]);
    if (a.out !== b.out) differs.push(['stdout', a.out, b.out]);
    if (a.err !== b.err) differs.push(['stderr', a.err, b.err]);
    results.push({ seed, command, differs });
    if (differs.length > 0 && !options.quiet) {
      console.log(`seed ${seed}: pcs ${command}`);
      for (const [what, x, y] of differs) console.log(`    ${what}\n${lines(x, y)}`);
    }
    if (x !== y) copyFiles(theirs, mine);
  }
  real.end();
  rmSync(folder, { recursive: true, force: true });
  return results;
}

/** Lines that only one has. */
function lines(x, y) {
  const [a, b] = [x.split('\n'), y.split('\n')];
  const only = (mine, other, mark) =>
    mine.filter((line) => !other.includes(line)).map((line) => `      ${mark} ${line}`);
  const shown = [...only(a, b, '-'), ...only(b, a, '+')];
  return (shown.length > 0 ? shown : [`      - ${JSON.stringify(x)}`, `      + ${JSON.stringify(y)}`])
    .slice(0, 24)
    .join('\n');
}

const seeds = Array.from(
  { length: scripted ? 1 : Number(options.runs) },
  (_, at) => Number(options.seed) + at,
);
const all = [];
await Promise.all(
  Array.from({ length: Math.min(2, cpus().length) }, async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      all.push(...(await session(seed)));
    }
  }),
);
const count = (test) => all.filter(test).length;
const without =
  (...kinds) =>
  (result) =>
    !result.differs.some(([kind]) => kinds.includes(kind));
const percent = (number) => `${number} of ${all.length} (${((100 * number) / all.length).toFixed(1)} %)`;
console.log(`the same in everything: ${percent(count(without('xml', 'status', 'stdout', 'stderr')))}`);
console.log(`the same XML and status: ${percent(count(without('xml', 'status')))}`);
console.log(`the same standard output: ${percent(count(without('stdout')))}`);
console.log(`the same standard error: ${percent(count(without('stderr')))}`);
process.exitCode = count(without('xml', 'status')) === all.length ? 0 : 1;
