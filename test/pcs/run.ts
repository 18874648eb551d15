/** Runs pcs within the test's process, on a file in a folder of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPcs } from '../../src/pcs/main.js';

export interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export const EMPTY = `<cib admin_epoch="0" epoch="1" num_updates="0" validate-with="pacemaker-3.9">
  <configuration>
    <crm_config/>
    <nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>
    <resources/><constraints/>
  </configuration>
  <status/>
</cib>
`;

/** A file with a CIB, and pcs on it. */
export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'pcs-'));
  readonly file = join(this.folder, 'cib.xml');

  constructor(cib: string = EMPTY) {
    writeFileSync(this.file, cib);
  }

  get xml(): string {
    return readFileSync(this.file, 'utf8');
  }

  write(cib: string): void {
    writeFileSync(this.file, cib);
  }

  async pcs(...words: string[]): Promise<Said> {
    let out = '';
    let err = '';
    const status = await runPcs({
      argv: ['-f', this.file, ...words],
      env: { ...process.env, QUORATE_ROOT: this.folder },
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      nowMs: () => 1_700_000_000_000,
      interactive: false,
      question: async () => null,
    });
    return { status, out, err };
  }

  /** As a line is typed, without quotes; fails where the command does. */
  async ok(line: string): Promise<string> {
    const said = await this.pcs(...line.split(/\s+/));
    if (said.status !== 0) throw new Error(`pcs ${line}: ${said.status}\n${said.err}`);
    return said.out;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
