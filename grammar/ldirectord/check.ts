import { closest } from '../crm/nearest.js';
import type { LdirectordFile, Mistake, RealServer, Setting, VirtualService } from './ast.js';
import { parseLdirectord } from './parser.js';
import {
  METHODS,
  NEEDS_DATABASE,
  NEEDS_RECEIVE,
  SERVICE_OF_PORT,
  SETTINGS,
  type SettingRow,
} from './settings.js';

export interface LdirectordReading {
  readonly file: LdirectordFile;
  /** In the order of the text. */
  readonly mistakes: readonly Mistake[];
}

/** Reads an ldirectord.cf, and says what is wrong with it: what ldirectord refuses, and what it silently takes. */
export function readLdirectord(text: string): LdirectordReading {
  const { file, mistakes } = parseLdirectord(text);
  const checker = new Checker([...mistakes]);
  for (const setting of file.globals) checker.setting(setting, 'global');
  for (const service of file.services) checker.service(service, file);
  checker.whole(file);
  checker.mistakes.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  return { file, mistakes: checker.mistakes };
}

const isAddress = (text: string): boolean =>
  /^\d+\.\d+\.\d+\.\d+$/.test(text) && text.split('.').every((part) => Number(part) <= 255);
const isHost = (text: string): boolean => /^[A-Za-z][\w.-]*$/.test(text);
const isPort = (text: string): boolean =>
  /^\d+$/.test(text) ? Number(text) >= 1 && Number(text) <= 65_535 : /^[A-Za-z][\w-]*$/.test(text);
const isSix = (text: string): boolean => /^\[[\da-fA-F:.]+\]$/.test(text);

/** `ADDRESS:PORT` in parts; null where it is none. */
function endpoint(text: string): { readonly address: string; readonly port?: string } | null {
  const found = /^(\[[^\]]*\]|[^:\s]+)(?::(\S+))?$/.exec(text);
  if (!found) return null;
  const [, address = '', port] = found;
  return { address, ...(port === undefined ? {} : { port }) };
}

/** The parts of a `real` line; a string says what is wrong. */
export function readRealServer(text: string): RealServer | string {
  const found =
    /^(\S+?)(?:->(\S+?))?(?::([^\s:\]>]+))?\s+(\S+)(?:\s+(\d+))?(?:\s+"([^"]*)"(?:\s*,\s*"([^"]*)")?)?(?:\s+"?<[lu]:\d+>"?)*\s*$/.exec(
      text,
    );
  if (!found) {
    const method = /^\S+\s*$/.test(text);
    return method
      ? `'${text}' does not say how packets get there: gate, masq or ipip`
      : `'${text}' is no real server: expected ADDRESS:PORT gate|masq|ipip [WEIGHT] ["REQUEST", "RECEIVE"]`;
  }
  const [, address = '', to, port, method = '', weight, request, receive] = found;
  const known = isAddress(address) || isHost(address) || isSix(address);
  if (!known) return `'${address}' is neither an address nor a host name`;
  if (to !== undefined && !isAddress(to) && !isHost(to)) return `'${to}' is no end of a range of addresses`;
  if (port !== undefined && !isPort(port)) return `'${port}' is no port`;
  return {
    address,
    method,
    ...(to === undefined ? {} : { to }),
    ...(port === undefined ? {} : { port }),
    ...(weight === undefined ? {} : { weight }),
    ...(request === undefined ? {} : { request }),
    ...(receive === undefined ? {} : { receive }),
  };
}

const unquoted = (value: string): string => value.replace(/^"(.*)"$/, '$1');

class Checker {
  readonly mistakes: Mistake[];

  constructor(mistakes: Mistake[]) {
    this.mistakes = mistakes;
  }

  report(
    severity: 'error' | 'warning',
    code: string,
    { place }: { readonly place: Setting['place'] },
    message: string,
    fix?: string,
  ): void {
    this.mistakes.push({ severity, code, message, place, ...(fix === undefined ? {} : { fix }) });
  }

  setting(setting: Setting, where: 'global' | 'virtual'): void {
    const row = SETTINGS.get(setting.name);
    if (!row) {
      this.#unknown(setting, where);
      return;
    }
    if (row.where !== 'both' && row.where !== where) {
      this.report(
        'error',
        'misplaced',
        setting,
        where === 'global'
          ? `'${setting.name}' belongs to a virtual service`
          : `'${setting.name}' counts for all services, and cannot stand in one`,
        where === 'global'
          ? "indent it by four blanks, below its 'virtual' line"
          : 'move it to the top, without blanks before it',
      );
      return;
    }
    if (row.deprecated) {
      this.report(
        'warning',
        'deprecated',
        setting,
        `'${setting.name}' is deprecated`,
        `use '${row.deprecated}'`,
      );
    }
    this.#value(setting, row);
  }

  #unknown(setting: Setting, where: 'global' | 'virtual'): void {
    const names = [...SETTINGS.values()].filter((row) => row.where === 'both' || row.where === where);
    const near = closest(
      setting.name,
      names.map(({ name }) => name),
    );
    const fix = setting.name === 'timeout' || setting.name === 'connecttimeout' ? 'checktimeout' : near;
    this.report(
      'error',
      'unknown-setting',
      setting,
      `unknown setting '${setting.name}'`,
      fix === undefined ? undefined : `did you mean '${fix}'?`,
    );
  }

  #value(setting: Setting, row: SettingRow): void {
    const at = { place: setting.valuePlace };
    const { value } = setting;
    if (value === '') {
      this.report('error', 'no-value', at, `'${setting.name}' has no value`, row.help);
      return;
    }
    switch (row.kind) {
      case 'number':
        if (!/^\d+$/.test(value))
          this.report('error', 'invalid-value', at, `'${value}' is no number`, row.help);
        else if (Number(value) === 0 && !['emailalertfreq', 'persistent'].includes(row.name))
          this.report('error', 'invalid-value', at, `'${setting.name}' must be more than 0`, row.help);
        else if (row.name === 'checkport' && Number(value) > 65_535)
          this.report('error', 'invalid-value', at, `'${value}' is no port`, 'expected 1 to 65535');
        return;
      case 'boolean':
        if (value !== 'yes' && value !== 'no')
          this.report(
            'error',
            'invalid-value',
            at,
            `'${value}' is neither yes nor no`,
            `write '${setting.name}=yes' or '${setting.name}=no'`,
          );
        return;
      case 'quoted':
        if (!/^".*"$/.test(value))
          this.report(
            'error',
            'quotes',
            at,
            `the value of '${setting.name}' needs quotes`,
            `write '${setting.name}="${value.replaceAll('"', '')}"'`,
          );
        return;
      case 'choice':
        this.#choice(setting, row);
        return;
      case 'path':
        if (!unquoted(value).startsWith('/'))
          this.report(
            'error',
            'invalid-value',
            at,
            `'${value}' is no path`,
            'expected one that begins with /',
          );
        return;
      case 'target':
        this.#target(setting);
        return;
      default:
        return;
    }
  }

  #choice(setting: Setting, row: SettingRow): void {
    const { value } = setting;
    if (row.choices!.includes(value)) return;
    if (row.name === 'checktype' && /^\d+$/.test(value) && Number(value) > 0) return;
    const near = closest(value, row.choices!);
    const what = row.name === 'scheduler' ? 'unknown scheduler' : `unknown ${row.name}`;
    this.report(
      'error',
      row.name === 'scheduler' ? 'unknown-scheduler' : 'invalid-value',
      { place: setting.valuePlace },
      `${what} '${value}'`,
      near ? `did you mean ${near}?` : `expected ${row.choices!.join(', ')}`,
    );
  }

  #target(setting: Setting): void {
    const [where = '', method] = setting.value.split(/\s+/);
    const at = { place: setting.valuePlace };
    const end = endpoint(where);
    if (!end || (!isAddress(end.address) && !isHost(end.address) && !isSix(end.address))) {
      this.report(
        'error',
        'address',
        at,
        `'${where}' is neither an address nor a host name`,
        'as in: fallback=127.0.0.1:80 gate',
      );
    } else if (end.port !== undefined && !isPort(end.port)) {
      this.report('error', 'port', at, `'${end.port}' is no port`, 'as in: fallback=127.0.0.1:80 gate');
    }
    if (method !== undefined) this.#method(method, setting);
  }

  #method(method: string, setting: Setting): void {
    if (METHODS.includes(method)) return;
    const near = closest(method, METHODS);
    this.report(
      'error',
      'method',
      { place: setting.valuePlace },
      `unknown forwarding method '${method}'`,
      near ? `did you mean ${near}?` : `expected ${METHODS.join(', ')}`,
    );
  }

  service(service: VirtualService, file: LdirectordFile): void {
    const mark = this.#virtual(service);
    for (const setting of service.settings) this.setting(setting, 'virtual');
    const seen = new Map<string, Setting>();
    for (const setting of service.settings) {
      const before = seen.get(setting.name);
      if (before && !SETTINGS.get(setting.name)?.repeats) {
        this.report(
          'warning',
          'duplicate',
          setting,
          `'${setting.name}' again; the first is in line ${before.place.line}, and the last counts`,
          'take one of them away',
        );
      }
      seen.set(setting.name, setting);
    }
    const reals = service.settings.filter(({ name }) => name === 'real' || name === 'real6');
    if (reals.length === 0) {
      const fallback = seen.has('fallback') || file.globals.some(({ name }) => name === 'fallback');
      this.report(
        'error',
        'no-real-server',
        service,
        `the virtual service ${service.value} has no real servers${fallback ? ', only a fallback' : ''}`,
        "add '    real=ADDRESS:PORT gate' below it, for each server",
      );
    }
    const addresses = new Map<string, Setting>();
    const parts: RealServer[] = [];
    for (const real of reals) {
      const read = readRealServer(real.value);
      if (typeof read === 'string') {
        this.report(
          'error',
          'real-server',
          { place: real.valuePlace },
          read,
          'as in: real=192.168.6.2:80 gate',
        );
        continue;
      }
      parts.push(read);
      this.#method(read.method, real);
      if (read.port === undefined && mark === false) {
        this.report(
          'warning',
          'no-port',
          { place: real.valuePlace },
          `'${read.address}' has no port`,
          `write '${read.address}:${endpoint(service.value)?.port ?? '80'}'`,
        );
      }
      if (read.request !== undefined && read.receive === undefined) this.#noReceive(real, 'this server');
      const key = `${read.address}:${read.port ?? ''}`;
      const twin = addresses.get(key);
      if (twin) {
        this.report(
          'warning',
          'duplicate',
          { place: real.valuePlace },
          `${key} is in line ${twin.place.line} already`,
          'take one of them away',
        );
      }
      addresses.set(key, real);
    }
    if (mark !== null) this.#checks(service, seen, parts, mark);
  }

  /** Whether the service is a firewall mark; null where it is nothing that clients could use. */
  #virtual(service: VirtualService): boolean | null {
    const at = { place: service.valuePlace };
    if (/^\d+$/.test(service.value)) return true;
    const end = endpoint(service.value);
    const six = service.name === 'virtual6';
    if (!end || end.port === undefined) {
      this.report(
        'error',
        'virtual',
        at,
        `'${service.value}' is neither ADDRESS:PORT nor a firewall mark`,
        `as in: ${service.name}=${six ? '[fe80::1]' : '192.168.6.240'}:80`,
      );
      return null;
    }
    if (isSix(end.address) && !six) {
      this.report(
        'error',
        'virtual',
        at,
        `'${end.address}' is an IPv6 address`,
        "write 'virtual6' instead of 'virtual'",
      );
    } else if (!isAddress(end.address) && !isHost(end.address) && !isSix(end.address)) {
      this.report(
        'error',
        'virtual',
        at,
        `'${end.address}' is neither an address nor a host name`,
        'as in: virtual=192.168.6.240:80',
      );
    }
    if (!isPort(end.port))
      this.report(
        'error',
        'port',
        at,
        `'${end.port}' is no port`,
        'expected 1 to 65535, or the name of a service',
      );
    return false;
  }

  #noReceive(setting: Setting, whose: string): void {
    this.report(
      'warning',
      'no-receive',
      setting,
      `a request, but nothing that the answer of ${whose} must hold: any answer counts, an error page too`,
      'add receive="WORDS ON THE PAGE"',
    );
  }

  /** Whether the checks can tell a dead server from a living one. */
  #checks(
    service: VirtualService,
    seen: ReadonlyMap<string, Setting>,
    parts: readonly RealServer[],
    mark: boolean,
  ): void {
    const value = (name: string): string | undefined => {
      const found = seen.get(name)?.value;
      return found === undefined ? undefined : unquoted(found);
    };
    const port = endpoint(service.value)?.port ?? '';
    const kind = value('service') ?? SERVICE_OF_PORT[port] ?? 'none';
    const type = value('checktype') ?? 'negotiate';
    const negotiates = type === 'negotiate' || /^\d+$/.test(type);
    const request = seen.get('request');
    const receive = value('receive');
    const head = value('httpmethod')?.toUpperCase() === 'HEAD';
    if (negotiates && request && receive === undefined && NEEDS_RECEIVE.includes(kind) && !head) {
      if (!parts.some((part) => part.receive !== undefined)) this.#noReceive(request, 'a server');
    }
    if (receive !== undefined && !request && negotiates && NEEDS_RECEIVE.includes(kind)) {
      if (!parts.some((part) => part.request !== undefined)) {
        this.report(
          'warning',
          'no-request',
          seen.get('receive')!,
          'an answer is expected, but nothing is asked for',
          'add request="index.html"',
        );
      }
    }
    if (head && receive !== undefined) {
      this.report(
        'warning',
        'head-receive',
        seen.get('receive')!,
        'an answer to HEAD has no text that could be compared',
        'use httpmethod=GET, or leave receive out',
      );
    }
    if (receive !== undefined && !isExpression(receive)) {
      this.report(
        'error',
        'expression',
        { place: seen.get('receive')!.valuePlace },
        `'${receive}' is no regular expression`,
        'escape ( ) [ ] * + ? with a backslash where they are meant as they are',
      );
    }
    if (!negotiates && request) {
      this.report(
        'warning',
        'unused',
        request,
        `'request' is not used with checktype=${type}`,
        'use checktype=negotiate, or leave it out',
      );
    }
    if (type.startsWith('external') && !seen.has('checkcommand')) {
      this.report(
        'error',
        'no-command',
        seen.get('checktype')!,
        `checktype=${type} without a checkcommand: /bin/true would say that all is well`,
        'add checkcommand="/path/to/check"',
      );
    }
    if (type === 'negotiate' && kind === 'none') {
      this.report(
        'warning',
        'not-checked',
        seen.get('service') ?? service,
        `what is spoken on port ${port || service.value} is not known, so the servers are not checked`,
        "add 'service=http' or another, or 'checktype=connect'",
      );
    }
    if (negotiates && NEEDS_DATABASE.includes(kind)) {
      for (const name of ['login', 'database', 'request']) {
        if (!seen.has(name))
          this.report(
            'error',
            'incomplete-check',
            seen.get('service') ?? service,
            `a check of ${kind} needs '${name}'`,
            `add ${name}="..."`,
          );
      }
    }
    const protocol = value('protocol');
    if (protocol !== undefined && (protocol === 'fwm') !== mark) {
      this.report(
        'error',
        'protocol',
        { place: seen.get('protocol')!.valuePlace },
        mark ? 'a firewall mark goes with protocol=fwm' : 'protocol=fwm goes with a firewall mark only',
        mark ? "write 'protocol=fwm'" : "write 'protocol=tcp' or 'protocol=udp'",
      );
    }
    for (const part of parts) {
      if (part.port !== undefined && part.port !== port && !mark && part.method !== 'masq') {
        const real = service.settings.find(
          (setting) => setting.name.startsWith('real') && setting.value.startsWith(`${part.address}:`),
        );
        this.report(
          'warning',
          'port-mapping',
          { place: (real ?? service).valuePlace },
          `with ${part.method} the port stays ${port}: ${part.port} is not used`,
          `write '${part.address}:${port}', or use masq`,
        );
      }
    }
  }

  whole(file: LdirectordFile): void {
    if (file.services.length === 0 && this.mistakes.every(({ severity }) => severity !== 'error')) {
      const place = { line: 1, column: 1, length: 1 };
      this.report(
        'error',
        'no-services',
        { place },
        'there is no virtual service',
        "write 'virtual=ADDRESS:PORT', and its servers below it, indented",
      );
    }
    const seen = new Map<string, VirtualService>();
    for (const service of file.services) {
      const protocol = service.settings.findLast(({ name }) => name === 'protocol')?.value ?? '';
      const key = `${service.value} ${protocol}`;
      const twin = seen.get(key);
      if (twin) {
        this.report(
          'error',
          'duplicate-service',
          { place: service.valuePlace },
          `the virtual service ${service.value} is in line ${twin.place.line} already`,
          'put the servers of both below one of them',
        );
      }
      seen.set(key, service);
    }
  }
}

function isExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    // Perl knows more than we do, but not less of what is simple.
    return /\(\?[<!=:#imsx^]|\\[AZzGQEK]|[*+?}]\+/.test(text);
  }
}
