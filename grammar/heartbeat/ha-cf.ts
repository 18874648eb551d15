import { closest } from '../crm/nearest.js';
import type { Directive, HaCf, Line, Medium, Mistake, PingTarget, Place, Respawn, Word } from './ast.js';
import {
  type Argument,
  DIRECTIVES,
  type DirectiveRow,
  FACILITIES,
  FALSE_WORDS,
  TRUE_WORDS,
} from './directives.js';
import { parseLines } from './parser.js';

/** Port of `ha-cluster` in /etc/services. */
export const DEFAULT_PORT = 694;

export interface HaCfReading {
  readonly file: HaCf;
  /** In the order of the text. */
  readonly mistakes: readonly Mistake[];
}

/**
 * A span of time as ha.cf has it, in ms: seconds, `1.7`, `1500ms`; also `us` and the other units that Heartbeat's
 * cl_get_msec takes. Null where it is none.
 */
export function readTime(text: string): number | null {
  const read = /^(\d+(?:\.\d*)?|\.\d+)(ms|msec|us|usec|s|sec|m|min|h|hr)?$/i.exec(text);
  if (!read) return null;
  const unit = (read[2] ?? 's').toLowerCase();
  const factor = { ms: 1, msec: 1, us: 0.001, usec: 0.001, s: 1000, sec: 1000, m: 60_000, min: 60_000 }[unit];
  return Math.round(Number(read[1]) * (factor ?? 3_600_000));
}

export function readBoolean(text: string): boolean | null {
  const word = text.toLowerCase();
  if (TRUE_WORDS.includes(word)) return true;
  return FALSE_WORDS.includes(word) ? false : null;
}

/** Whether it looks like an IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (four) return four.slice(1).every((part) => Number(part) <= 255);
  const six = text.replace(/%\w+$/, '');
  return /^[\da-f:.]+$/i.test(six) && six.includes(':') && !/:::/.test(six) && six.split(':').length <= 8;
}

/** What is wrong with a value, or null. */
function complaintAbout(value: string, argument: Argument, row: DirectiveRow): string | null {
  switch (argument) {
    case 'time':
      return readTime(value) === null
        ? 'is no time: expected seconds (2, 1.7) or milliseconds (1500ms)'
        : null;
    case 'port':
      return /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535
        ? null
        : 'is no port: expected 1 to 65535';
    case 'integer':
      return /^\d+$/.test(value) ? null : 'is no number';
    case 'boolean':
      return readBoolean(value) === null ? 'is neither on nor off' : null;
    case 'address':
      return isAddress(value) ? null : 'is no IP address';
    case 'path':
      return value.startsWith('/') ? null : 'is no path: expected one that begins with /';
    case 'facility':
      return FACILITIES.some((each) => each === value.toLowerCase()) ? null : 'is no syslog facility';
    case 'choice':
      return row.choices!.includes(value.toLowerCase()) ? null : 'is not one of its words';
    default:
      return null;
  }
}

class HaCfReader {
  readonly mistakes: Mistake[] = [];
  readonly directives: Directive[] = [];
  readonly nodes: Word[] = [];
  readonly media: Medium[] = [];
  readonly pings: PingTarget[] = [];
  readonly respawns: Respawn[] = [];
  readonly #seen = new Map<string, Place>();
  #port: number | undefined;

  report(severity: 'error' | 'warning', code: string, place: Place, message: string, fix?: string): void {
    this.mistakes.push({ severity, code, message, place, ...(fix === undefined ? {} : { fix }) });
  }

  line({ words: [name, ...values] }: Line): void {
    const row = DIRECTIVES.get(name.text);
    if (!row) {
      this.#unknown(name, values);
      return;
    }
    const before = this.#seen.get(row.name);
    if (before && !row.repeats) {
      this.report(
        'warning',
        'duplicate',
        name.place,
        `'${row.name}' again; the first is in line ${before.line}, and the last counts`,
        'take one of them away',
      );
    }
    this.#seen.set(row.name, name.place);
    const known = this.mistakes.length;
    this.#check(row, name, values);
    if (this.mistakes.slice(known).some(({ severity }) => severity === 'error')) return;
    this.directives.push({ name: row.name, values, place: name.place });
    this.#take(row.name, values, name.place);
  }

  #unknown(name: Word, values: readonly Word[]): void {
    const lower = name.text.toLowerCase();
    const glued = /^([a-z_]+)[=:](.*)$/.exec(name.text);
    let fix: string | undefined;
    if (DIRECTIVES.has(lower)) fix = `write '${lower}', in small letters`;
    else if (glued && DIRECTIVES.has(glued[1]!))
      fix = `write '${[glued[1], glued[2]].join(' ').trim()}', with a blank`;
    else {
      const near = closest(lower.replaceAll('-', '_'), DIRECTIVES.keys());
      if (near) fix = `did you mean '${[near, ...values.map(({ text }) => text)].join(' ')}'?`;
    }
    this.report('error', 'unknown-directive', name.place, `unknown directive '${name.text}'`, fix);
  }

  #check(row: DirectiveRow, name: Word, values: readonly Word[]): void {
    const least = row.least ?? row.args.length;
    if (values.length < least) {
      const what = values.length === 0 ? 'has no value' : 'is not complete';
      this.report('error', 'incomplete', name.place, `'${row.name}' ${what}`, `as in: ${row.example}`);
    }
    for (const [index, value] of values.entries()) {
      const argument = row.args[Math.min(index, row.args.length - 1)]!;
      if (index >= row.args.length && !row.many) {
        if (row.open) continue;
        this.report(
          'error',
          'too-many',
          value.place,
          `'${value.text}' is too much: '${row.name}' takes ${row.args.length === 1 ? 'one value' : `${row.args.length} values`}`,
          `as in: ${row.example}`,
        );
        return;
      }
      const complaint = complaintAbout(value.text, argument, row);
      if (complaint === null) continue;
      const known = argument === 'facility' ? FACILITIES : (row.choices ?? []);
      const near = closest(value.text.toLowerCase(), known);
      const listed = row.choices?.filter((word) => !['y', 'n', '1', '0', 'true', 'false'].includes(word));
      const fix = near
        ? `did you mean ${near}?`
        : listed
          ? `expected ${listed.join(', ')}`
          : `as in: ${row.example}`;
      this.report('error', 'invalid-value', value.place, `'${value.text}' ${complaint}`, fix);
    }
  }

  /** A directive without a mistake. */
  #take(name: string, values: readonly Word[], place: Place): void {
    const [first, second, third] = values.map(({ text }) => text);
    switch (name) {
      case 'node':
        for (const word of values) {
          const twin = this.nodes.find((node) => node.text.toLowerCase() === word.text.toLowerCase());
          if (!twin) this.nodes.push(word);
          else {
            this.report(
              'warning',
              'duplicate',
              word.place,
              `node ${word.text} is named twice; the first is in line ${twin.place.line}`,
              'take one of them away',
            );
          }
        }
        return;
      case 'udpport':
        if (this.media.some(({ kind }) => kind === 'bcast' || kind === 'ucast')) {
          this.report(
            'warning',
            'late-udpport',
            place,
            `'udpport' counts for what follows it; bcast and ucast above use port ${this.#port ?? DEFAULT_PORT}`,
            'move it before them',
          );
        }
        this.#port = Number(first);
        return;
      case 'bcast':
        for (const word of values)
          this.media.push({ kind: 'bcast', device: word.text, port: this.port, place });
        return;
      case 'serial':
        for (const word of values) this.media.push({ kind: 'serial', device: word.text, place });
        return;
      case 'ucast':
      case 'ucast6':
        this.media.push({ kind: 'ucast', device: first!, address: second!, port: this.port, place });
        return;
      case 'mcast':
      case 'mcast6':
        this.#multicast(values);
        this.media.push({ kind: 'mcast', device: first!, group: second!, port: Number(third), place });
        return;
      case 'ping':
        for (const word of values) this.pings.push({ hosts: [word.text], place: word.place });
        return;
      case 'ping_group':
        this.pings.push({ group: first!, hosts: values.slice(1).map(({ text }) => text), place });
        return;
      case 'respawn':
        this.respawns.push({
          user: first!,
          program: second!,
          args: values.slice(2).map(({ text }) => text),
          place,
        });
        return;
    }
  }

  #multicast(values: readonly Word[]): void {
    const group = values[1]!;
    if (!group.text.includes(':') && !/^(22[4-9]|23\d)\./.test(group.text)) {
      this.report(
        'error',
        'invalid-value',
        group.place,
        `'${group.text}' is no multicast group`,
        'expected 224.0.0.0 to 239.255.255.255',
      );
    }
    if (Number(values[3]!.text) === 0) {
      this.report(
        'error',
        'invalid-value',
        values[3]!.place,
        'a packet with a ttl of 0 goes nowhere',
        'expected 1 or more',
      );
    }
  }

  get port(): number {
    return this.#port ?? DEFAULT_PORT;
  }

  get udpPort(): number | undefined {
    return this.#port;
  }

  last(name: string): Directive | undefined {
    return this.directives.findLast((directive) => directive.name === name);
  }

  value(name: string): string | undefined {
    return this.last(name)?.values[0]?.text;
  }
}

/** Reads a ha.cf. Mistakes are collected, each with its place; what could be understood is in `file`. */
export function readHaCf(text: string): HaCfReading {
  const reader = new HaCfReader();
  for (const line of parseLines(text, 'ha.cf')) reader.line(line);
  const times = {
    keepaliveMs: timeOf(reader, 'keepalive'),
    deadtimeMs: timeOf(reader, 'deadtime'),
    warntimeMs: timeOf(reader, 'warntime'),
    initdeadMs: timeOf(reader, 'initdead'),
    deadpingMs: timeOf(reader, 'deadping'),
  };
  checkTimes(reader, times);
  checkWhole(reader);
  const crm = (reader.value('crm') ?? reader.value('pacemaker') ?? 'no').toLowerCase();
  const [logFile, debugFile, logFacility] = ['logfile', 'debugfile', 'logfacility'].map((name) =>
    reader.value(name),
  );
  const { udpPort } = reader;
  reader.mistakes.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  return {
    file: {
      nodes: reader.nodes,
      autojoin: (reader.value('autojoin')?.toLowerCase() ?? 'none') as HaCf['autojoin'],
      timing: Object.fromEntries(Object.entries(times).filter(([, ms]) => ms !== undefined)),
      media: reader.media,
      ...(udpPort === undefined ? {} : { udpPort }),
      autoFailback: failback(reader),
      pings: reader.pings,
      respawns: reader.respawns,
      crm: readBoolean(crm) !== false,
      ...(logFile === undefined ? {} : { logFile }),
      ...(debugFile === undefined ? {} : { debugFile }),
      ...(logFacility === undefined ? {} : { logFacility: logFacility.toLowerCase() }),
      debugLevel: Number(reader.value('debug') ?? 0),
      directives: reader.directives,
    },
    mistakes: reader.mistakes,
  };
}

function timeOf(reader: HaCfReader, name: string): number | undefined {
  const value = reader.value(name);
  return value === undefined ? undefined : (readTime(value) ?? undefined);
}

function failback(reader: HaCfReader): HaCf['autoFailback'] {
  const word = reader.value('auto_failback')?.toLowerCase();
  if (word === undefined) {
    const nice = reader.value('nice_failback');
    return nice === undefined ? 'legacy' : readBoolean(nice) ? 'off' : 'on';
  }
  if (word === 'legacy') return 'legacy';
  return readBoolean(word) ? 'on' : 'off';
}

/** What times are to each other: Heartbeat refuses the first two and warns of the rest. */
function checkTimes(
  reader: HaCfReader,
  times: {
    readonly keepaliveMs: number | undefined;
    readonly deadtimeMs: number | undefined;
    readonly warntimeMs: number | undefined;
    readonly initdeadMs: number | undefined;
  },
): void {
  const place = (name: string) => reader.last(name)!.values[0]!.place;
  const { keepaliveMs, deadtimeMs, warntimeMs, initdeadMs } = times;
  if (keepaliveMs !== undefined && deadtimeMs !== undefined && deadtimeMs <= keepaliveMs) {
    reader.report(
      'error',
      'deadtime',
      place('deadtime'),
      `deadtime (${deadtimeMs} ms) must be longer than keepalive (${keepaliveMs} ms): a node would be dead between two heartbeats`,
      `write 'deadtime ${(keepaliveMs * 4) / 1000}' or more`,
    );
  }
  if (warntimeMs !== undefined && deadtimeMs !== undefined && warntimeMs >= deadtimeMs) {
    reader.report(
      'warning',
      'warntime',
      place('warntime'),
      'warntime is not below deadtime: there is never a warning before a node is dead',
      `write 'warntime ${deadtimeMs / 2000}'`,
    );
  }
  if (initdeadMs !== undefined && deadtimeMs !== undefined && initdeadMs < 2 * deadtimeMs) {
    reader.report(
      'warning',
      'initdead',
      place('initdead'),
      'initdead should be at least twice the deadtime: networks are slow when machines boot',
      `write 'initdead ${(2 * deadtimeMs) / 1000}'`,
    );
  }
}

/** What must be in the file somewhere. */
function checkWhole(reader: HaCfReader): void {
  const start: Place = { line: 1, column: 1, length: 1 };
  const broken = (...names: string[]) =>
    reader.mistakes.some(
      ({ code, message }) => code !== 'duplicate' && names.some((name) => message.includes(name)),
    );
  const autojoin = reader.value('autojoin')?.toLowerCase();
  if (reader.nodes.length === 0 && autojoin !== 'any' && !broken("'node'")) {
    reader.report(
      'error',
      'no-nodes',
      start,
      'no node is named',
      "write 'node NAME' for each, as uname -n says",
    );
  }
  const media = ['bcast', 'ucast', 'mcast', 'serial'];
  if (reader.media.length === 0 && !broken(...media)) {
    reader.report(
      'error',
      'no-media',
      start,
      'there is no way for the nodes to hear each other',
      "write 'ucast eth0 ADDRESS', 'bcast eth0' or 'mcast eth0 239.0.0.1 694 1 0'",
    );
  }
  if (
    reader.value('auto_failback') === undefined &&
    reader.value('nice_failback') === undefined &&
    !broken('auto_failback')
  ) {
    reader.report(
      'warning',
      'no-auto-failback',
      start,
      "auto_failback is not set: Heartbeat takes it for 'legacy', which is 'on'",
      "write 'auto_failback on' or 'auto_failback off'",
    );
  }
}
