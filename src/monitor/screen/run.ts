import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Connection, Outcome } from '../../connection/connection.js';
import { remembering } from '../../connection/open.js';
import type { ClusterStatus } from '../../status/types.js';
import { Feed, type FeedState } from '../feed.js';
import { Seeker } from '../hosts.js';
import type { Options } from '../options.js';
import { EXIT, openOptions, type Plan, type Surroundings } from '../plan.js';
import { type Action, commandLine, hostWords } from './actions.js';
import type { LogExcerpt } from './details.js';
import { frame } from './frame.js';
import { Album, type PanelName } from './picture.js';
import { type Placements, placementsOf } from './placement.js';
import { openTerminal, type Terminal } from './terminal.js';
import { click, initialUi, press, type Step, type Ui, wheel } from './ui.js';

export interface ScreenOptions {
  readonly options: Options;
  readonly plan: Plan;
  readonly surroundings: Surroundings;
  /** The CIB file that is watched; undefined: a cluster. */
  readonly file: string | undefined;
}

/** Ages are shown in seconds. */
const TICK_MS = 1000;
/** Running actions have progress bars. */
const BUSY_TICK_MS = 250;
/** A file or a Pacemaker cluster is asked this often, unless `-i` says otherwise. */
const POLL_MAX_MS = 2000;
/** Logs are read again this often while they are shown, so many lines of each node. */
const LOG_MS = 5000;
const LOG_LINES = 12;
/** At most so much of a command's output is shown. */
const OUTPUT_LINES_MAX = 30;

/** The full screen, until it is quit. The result is the exit status. */
export async function runScreen({ options, surroundings, file }: ScreenOptions): Promise<number> {
  const { nowMs, environment } = surroundings;
  const album = new Album();
  let ui: Ui = initialUi({ byNode: options.byNode, inactive: true });
  let state: FeedState = { kind: 'connecting', sinceMs: undefined };
  // Asked before the screen is taken: a password cannot be typed on it. What was answered then opens other hosts, too.
  let taken = false;
  const { prompt: person } = surroundings;
  const prompt = person && remembering(async (question) => (taken ? null : person(question)));
  const seeker = new Seeker(options.hosts, (hosts, signal) =>
    surroundings.open(openOptions({ ...options, hosts: [...hosts] }, file, { prompt, signal })),
  );
  let first: Outcome<Connection> | undefined;
  if (options.hosts.length > 0) {
    first = await seeker.open(0);
    if (!first.ok) {
      surroundings.writeError(`crm_mon: Connection to cluster failed: ${first.error.message}\n`);
      return EXIT.disconnected;
    }
  }
  taken = true;
  let finish: (code: number) => void = () => {};
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });

  const reach = () => (seeker.host === null ? [] : [seeker.host]);

  const feed = new Feed({
    nowMs,
    pollMs: Math.min(options.intervalMs, POLL_MAX_MS),
    loads: true,
    open: async (attempt, signal) => (attempt === 0 && first ? first : seeker.open(attempt, signal)),
    onState: (next) => {
      state = next;
      draw();
    },
    onObservation: (observation) => {
      seeker.learn(observation.state);
      album.observe(observation, ui.order, nowMs());
      draw();
    },
  });

  /** The scheduler's view of states that details were opened of; undefined: not asked yet, or too big to ask. */
  const placements = new WeakMap<ClusterStatus, Placements>();
  const asked = new WeakSet<ClusterStatus>();
  const ask = (status: ClusterStatus | undefined): Placements | undefined => {
    if (!status || ui.overlay?.kind !== 'details' || ui.overlay.subject.kind !== 'resource') return undefined;
    if (!asked.has(status)) {
      asked.add(status);
      const size = { resources: status.instanceCount, nodes: status.nodes.length };
      void placementsOf(status.cib, nowMs(), size).then((found) => {
        if (!found) return;
        placements.set(status, found);
        draw();
      });
    }
    return placements.get(status);
  };

  /** What the logs say of what details are open of; asked again after a while, for as long as they are open. */
  let log: { readonly about: string; atMs: number; found: readonly LogExcerpt[] | undefined } | undefined;
  const readLog = (): readonly LogExcerpt[] | undefined => {
    const subject = ui.overlay?.kind === 'details' ? ui.overlay.subject : undefined;
    if (!subject || subject.kind === 'event') {
      log = undefined;
      return undefined;
    }
    const about = subject.kind === 'node' ? subject.name : subject.id.replace(/:\d+$/, '');
    const { connection } = feed;
    const due = log?.about !== about || nowMs() - log.atMs >= LOG_MS;
    if (due && connection && ui.back === 0) {
      const asked = { about, atMs: nowMs(), found: log?.about === about ? log.found : undefined };
      log = asked;
      void connection.call('cluster.log', { about, limit: LOG_LINES }).then((answer) => {
        if (log !== asked || !answer.ok) return;
        if (!isDeepStrictEqual(asked.found, answer.value.nodes)) asked.found = answer.value.nodes;
        draw();
      });
    }
    return log?.found;
  };

  /** While paused, the picture that was there when pausing began. */
  let held: ReturnType<Album['back']>;
  let drawing = false;
  const draw = (): void => {
    if (drawing) return;
    drawing = true;
    // What changes together is drawn once.
    setImmediate(() => {
      drawing = false;
      held = ui.paused ? (held ?? album.latest) : undefined;
      const picture = ui.back > 0 ? album.back(ui.back) : (held ?? album.latest);
      const pastCount = album.pastCount;
      if (!terminal) return;
      const { size } = terminal;
      const placed = ask(picture?.status);
      terminal.draw(
        frame({
          ui,
          picture,
          feed: state,
          nowMs: nowMs(),
          size,
          hosts: reach(),
          pastCount,
          placements: placed,
          log: readLog(),
        }),
      );
    });
  };

  const runAction = (action: Action): void => {
    const title = commandLine(action, reach());
    const show = (lines: readonly string[], busy: boolean) => {
      ui = { ...ui, overlay: { kind: 'result', title, lines, busy } };
      draw();
    };
    show([], true);
    const program = join(dirname(realpathSync(process.argv[1]!)), 'crm');
    const child = spawn(process.execPath, [program, ...hostWords(reach()), ...action.command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.engine ? { ...environment, QUORATE_ENGINE: options.engine } : environment,
    });
    let output = '';
    const take = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-16_384);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => show([error.message], false));
    child.on('close', (code) => {
      const lines = output
        .trimEnd()
        .split('\n')
        .filter((text) => text !== '')
        .slice(-OUTPUT_LINES_MAX);
      show([...lines, code === 0 ? 'Done.' : `It failed with exit status ${code}.`], false);
      feed.refresh();
    });
  };

  const around = () => ({
    picture: album.back(ui.back),
    pageSize: Math.max(1, Math.floor((terminal?.size.rows ?? 24) / 3)),
    pastCount: album.pastCount,
    readOnly: false,
  });
  const take = (step: Step): void => {
    ui = step.ui;
    switch (step.effect?.kind) {
      case 'quit':
        finish(0);
        return;
      case 'arrange':
        album.arrange(ui.order, nowMs());
        break;
      case 'refresh':
        feed.refresh();
        terminal?.redraw();
        break;
      case 'run':
        runAction(step.effect.action);
        return;
    }
    draw();
  };

  let terminal: Terminal | undefined;
  const rowsOf = (panel: PanelName) => {
    const scene = {
      ui,
      picture: album.back(ui.back),
      feed: state,
      nowMs: nowMs(),
      size: terminal!.size,
      hosts: reach(),
      pastCount: 0,
    };
    return frame(scene).find((box) => box.name === panel)?.rows ?? [];
  };
  terminal = await openTerminal(
    {
      onKey: (name, text) => take(press(ui, name, text, around())),
      onClick: (panel, line) => take(click(ui, panel, rowsOf(panel)[line])),
      onWheel: (panel, by) => take(wheel(ui, panel, by, around())),
      onResize: draw,
    },
    environment,
  );

  const leaveOn = (signal: NodeJS.Signals, code: number) => {
    const listener = () => finish(code);
    process.on(signal, listener);
    return () => process.off(signal, listener);
  };
  const crash = (error: unknown) => {
    terminal?.leave();
    surroundings.writeError(
      `crm_mon: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(70);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  const releases = [leaveOn('SIGTERM', 0), leaveOn('SIGINT', 0), leaveOn('SIGHUP', 0)];
  const onLost = () => finish(0);
  process.stdin.on('end', onLost);
  process.stdout.on('error', onLost);

  let ticks = 0;
  const timer = setInterval(() => {
    ticks++;
    const busy = (album.latest?.panels.activity.rows.length ?? 0) > 0;
    if (!ui.paused && (busy || ticks % (TICK_MS / BUSY_TICK_MS) === 0)) {
      if (busy || ticks % 20 === 0) album.arrange(ui.order, nowMs());
      draw();
    }
  }, BUSY_TICK_MS);

  draw();
  const failure = await feed.start();
  // A host that is wrong from the start is said plainly, not on a screen that waits for it.
  if (failure && failure.kind !== 'unreachable' && failure.kind !== 'no-agent' && failure.kind !== 'closed') {
    finish(failure.kind === 'refused' && file !== undefined ? 65 : 102);
  }
  const code = await finished;
  clearInterval(timer);
  terminal.leave();
  await feed.stop();
  process.off('uncaughtException', crash);
  process.off('unhandledRejection', crash);
  process.stdin.off('end', onLost);
  for (const release of releases) release();
  if (failure && code !== 0) surroundings.writeError(`crm_mon: ${failure.message}\n`);
  process.stdin.unref();
  return code;
}
