/** How far a campaign is: a bar on a terminal, a line now and then elsewhere. */
import type { SingleBar } from 'cli-progress';
import type * as CliProgress from 'cli-progress';
import { FAILURES } from '../campaign/outcomes';
import type { Progress } from '../campaign/run/run-campaign';
import { FIRED, rateOf } from '../campaign/tally';
import { countText, shareText } from '../report/campaign/number-text';

/** Between two lines, in milliseconds. */
const PAUSE = 5000;
/** Between two looks at a bar. */
const REFRESH = 200;

export class CampaignProgress {
  readonly #began = Date.now();
  readonly #stream: NodeJS.WriteStream;
  #last = 0;
  #bar: SingleBar | undefined;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  update(progress: Progress): void {
    const now = Date.now();
    const { done, total } = progress;
    if (done < total && now - this.#last < (this.#stream.isTTY ? REFRESH : PAUSE)) return;
    this.#last = now;
    if (this.#stream.isTTY) this.#draw(progress);
    else
      this.#stream.write(
        `${countText(done)} of ${countText(total)} injections, ${this.#stateText(progress)}\n`,
      );
  }

  stop(): void {
    this.#bar?.stop();
  }

  #draw(progress: Progress): void {
    const { done, total } = progress;
    if (this.#bar === undefined) {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- only on a terminal.
      const { SingleBar: Bar, Presets } = require('cli-progress') as typeof CliProgress;
      this.#bar = new Bar(
        { format: '{bar} {percentage} % {value}/{total}  {state}', stream: this.#stream, hideCursor: true },
        Presets.shades_classic,
      );
      this.#bar.start(total, done, { state: '' });
    }
    this.#bar.update(done, { state: this.#stateText(progress) });
  }

  /** Speed, time left, failures so far, and how wide the interval of their share still is. */
  #stateText({ head, done, total, resumed, tally }: Progress): string {
    const seconds = Math.max((Date.now() - this.#began) / 1000, 0.001);
    // Stored ones are counted anew.
    const speed = Math.max(0, done - resumed) / seconds;
    const failures = FAILURES.map((outcome) => ({ outcome, ...tally.of([outcome]) }))
      .filter(({ injections }) => injections > 0)
      .map(({ outcome, injections }) => `${countText(injections)} ${outcome}`);
    const rate = rateOf(tally, { of: FAILURES, among: FIRED }, head, 0.95);
    return [
      `${countText(speed)} per second`,
      ...(speed > 0 && done < total ? [`${timeText((total - done) / speed)} left`] : []),
      failures.length === 0 ? 'no failures' : failures.join(', '),
      ...(rate === null ? [] : [`failures ${shareText(rate.low)} to ${shareText(rate.high)}`]),
    ].join(', ');
  }
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
