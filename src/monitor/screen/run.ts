import type { Connection, Outcome } from '../../connection/connection.js';
import { remembering } from '../../connection/open.js';
import { Feed, type FeedState } from '../feed.js';
import { Seeker } from '../hosts.js';
import type { Options } from '../options.js';
import { EXIT, openOptions, type Surroundings } from '../plan.js';
import { type Action, commandLine } from './actions.js';
import { type Box, frame, type Scene } from './frame.js';
import { LogReader } from './log-reader.js';
import { Album, type PanelName, type Picture } from './picture.js';
import { PlacementFinder } from './placement.js';
import { runAction } from './run-action.js';
import { openTerminal, type Terminal } from './terminal.js';
import {
  click,
  initialUi,
  press,
  type Step,
  type Ui,
  type Surroundings as UiSurroundings,
  wheel,
} from './ui.js';

export interface ScreenOptions {
  readonly options: Options;
  readonly surroundings: Surroundings;
  /** The CIB file that is watched; undefined: a cluster. */
  readonly file: string | undefined;
}

/** Ages are shown in seconds. */
const TICK_MS = 1000;
/** Running actions have progress bars. */
const BUSY_TICK_MS = 250;
/** Ages are put into words anew each so many ticks where nothing else changes. */
const ARRANGE_TICKS = 20;
/** A file or a Pacemaker cluster is asked this often, unless `-i` says otherwise. */
const POLL_MAX_MS = 2000;

/** The full screen, until it is quit. The result is the exit status. */
export async function runScreen({ options, surroundings, file }: ScreenOptions): Promise<number> {
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
  return new FullScreen(options, surroundings, seeker, first).run(file !== undefined);
}

/** What a person looks at and types into: pictures of the cluster, and what they have chosen to see of them. */
class FullScreen {
  readonly #options: Options;
  readonly #surroundings: Surroundings;
  readonly #seeker: Seeker;
  readonly #album = new Album();
  readonly #feed: Feed;
  readonly #placements: PlacementFinder;
  readonly #logs: LogReader;
  readonly #finished: Promise<number>;
  #finish: (code: number) => void = () => {};
  #terminal: Terminal | undefined;
  #ui: Ui;
  #state: FeedState = { kind: 'connecting', sinceMs: undefined };
  /** While paused, the picture that was there when pausing began. */
  #held: Picture | undefined;
  #drawing = false;

  /** @param first a connection that is there already */
  constructor(
    options: Options,
    surroundings: Surroundings,
    seeker: Seeker,
    first: Outcome<Connection> | undefined,
  ) {
    const { nowMs } = surroundings;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#seeker = seeker;
    this.#ui = initialUi({ byNode: options.byNode, inactive: true });
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#placements = new PlacementFinder(nowMs, () => this.#draw());
    this.#logs = new LogReader(nowMs, () => this.#draw());
    this.#feed = new Feed({
      nowMs,
      pollMs: Math.min(options.intervalMs, POLL_MAX_MS),
      loads: true,
      open: async (attempt, signal) => (attempt === 0 && first ? first : seeker.open(attempt, signal)),
      onState: (next) => {
        this.#state = next;
        this.#draw();
      },
      onObservation: (observation) => {
        seeker.learn(observation.state);
        this.#album.observe(observation, this.#ui.order, nowMs());
        this.#draw();
      },
    });
  }

  /** Until it is quit. The result is the exit status. */
  async run(ofFile: boolean): Promise<number> {
    const terminal = await openTerminal(
      {
        onKey: (name, text) => this.#take(press(this.#ui, name, text, this.#around())),
        onClick: (panel, line) => this.#take(click(this.#ui, panel, this.#rowsOf(panel)[line])),
        onWheel: (panel, by) => this.#take(wheel(this.#ui, panel, by, this.#around())),
        onResize: () => this.#draw(),
      },
      this.#surroundings.environment,
    );
    this.#terminal = terminal;
    const release = this.#endWithProcess(terminal);
    const timer = this.#tick();
    this.#draw();
    const failure = await this.#feed.start();
    // A host that is wrong from the start is said plainly, not on a screen that waits for it.
    if (failure && !['unreachable', 'no-agent', 'closed'].includes(failure.kind)) {
      this.#finish(failure.kind === 'refused' && ofFile ? 65 : 102);
    }
    const code = await this.#finished;
    clearInterval(timer);
    terminal.leave();
    await this.#feed.stop();
    release();
    if (failure && code !== 0) this.#surroundings.writeError(`crm_mon: ${failure.message}\n`);
    process.stdin.unref();
    return code;
  }

  get #hosts(): string[] {
    return this.#seeker.host === null ? [] : [this.#seeker.host];
  }

  // ---- Drawing ----

  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    // What changes together is drawn once.
    setImmediate(() => {
      this.#drawing = false;
      this.#held = this.#ui.paused ? (this.#held ?? this.#album.latest) : undefined;
      const picture =
        this.#ui.back > 0 ? this.#album.back(this.#ui.back) : (this.#held ?? this.#album.latest);
      if (!this.#terminal) return;
      const { overlay } = this.#ui;
      const ofResource = overlay?.kind === 'details' && overlay.subject.kind === 'resource';
      this.#terminal.draw(
        this.#frame(this.#terminal, picture, {
          pastCount: this.#album.pastCount,
          placements: ofResource && picture?.status ? this.#placements.find(picture.status) : undefined,
          log: this.#logs.read(this.#ui, this.#feed.connection),
        }),
      );
    });
  }

  #frame(
    { size }: Terminal,
    picture: Picture | undefined,
    more: Pick<Scene, 'pastCount' | 'placements' | 'log'>,
  ): Box[] {
    const { nowMs } = this.#surroundings;
    const scene = { ui: this.#ui, picture, feed: this.#state, nowMs: nowMs(), size, hosts: this.#hosts };
    return frame({ ...scene, ...more });
  }

  #tick(): NodeJS.Timeout {
    let ticks = 0;
    return setInterval(() => {
      ticks++;
      const busy = (this.#album.latest?.panels.activity.rows.length ?? 0) > 0;
      if (this.#ui.paused || !(busy || ticks % (TICK_MS / BUSY_TICK_MS) === 0)) return;
      if (busy || ticks % ARRANGE_TICKS === 0) {
        this.#album.arrange(this.#ui.order, this.#surroundings.nowMs());
      }
      this.#draw();
    }, BUSY_TICK_MS);
  }

  // ---- What the person does ----

  #around(): UiSurroundings {
    return {
      picture: this.#album.back(this.#ui.back),
      pageSize: Math.max(1, Math.floor((this.#terminal?.size.rows ?? 24) / 3)),
      pastCount: this.#album.pastCount,
      readOnly: false,
    };
  }

  #rowsOf(panel: PanelName) {
    const boxes = this.#frame(this.#terminal!, this.#album.back(this.#ui.back), { pastCount: 0 });
    return boxes.find((box) => box.name === panel)?.rows ?? [];
  }

  #take(step: Step): void {
    this.#ui = step.ui;
    switch (step.effect?.kind) {
      case 'quit':
        this.#finish(0);
        return;
      case 'arrange':
        this.#album.arrange(this.#ui.order, this.#surroundings.nowMs());
        break;
      case 'refresh':
        this.#feed.refresh();
        this.#terminal?.redraw();
        break;
      case 'run':
        void this.#run(step.effect.action);
        return;
    }
    this.#draw();
  }

  async #run(action: Action): Promise<void> {
    const { environment } = this.#surroundings;
    const { engine } = this.#options;
    const title = commandLine(action, this.#hosts);
    const show = (lines: readonly string[], busy: boolean) => {
      this.#ui = { ...this.#ui, overlay: { kind: 'result', title, lines, busy } };
      this.#draw();
    };
    show([], true);
    show(
      await runAction(action, this.#hosts, engine ? { ...environment, QUORATE_ENGINE: engine } : environment),
      false,
    );
    this.#feed.refresh();
  }

  // ---- The process ----

  /** Signals, a terminal that is lost and our own bugs end it, the terminal being given back; returns what undoes that. */
  #endWithProcess(terminal: Terminal): () => void {
    const leaveOn = (signal: NodeJS.Signals) => {
      const listener = () => this.#finish(0);
      process.on(signal, listener);
      return () => process.off(signal, listener);
    };
    const crash = (error: unknown) => {
      terminal.leave();
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#surroundings.writeError(`crm_mon: ${what}\n`);
      process.exit(70);
    };
    process.on('uncaughtException', crash);
    process.on('unhandledRejection', crash);
    const releases = [leaveOn('SIGTERM'), leaveOn('SIGINT'), leaveOn('SIGHUP')];
    const onLost = () => this.#finish(0);
    process.stdin.on('end', onLost);
    process.stdout.on('error', onLost);
    return () => {
      process.off('uncaughtException', crash);
      process.off('unhandledRejection', crash);
      process.stdin.off('end', onLost);
      for (const release of releases) release();
    };
  }
}
