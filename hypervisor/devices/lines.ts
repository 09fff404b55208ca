/**
 * Interrupt lines between those who drive them and whoever they lead to. Faults sit here: an edge gets lost, comes late,
 * comes twice, or comes from nowhere. Without faults a line is a wire.
 */

/** What faults make of a line. */
export interface LineFaults<Line> {
  /** The line rises. @returns whether that is lost, or the cycles by which it comes late (0: it does not) */
  rose(line: Line): 'lost' | number;
  /** The line falls. @returns whether it rises once more */
  fell(line: Line): boolean;
}

export interface LinesOptions<Line> {
  readonly forward: (line: Line, level: boolean) => void;
  readonly cycles: () => number;
  /** Cycles for which a line that rises from nowhere stays high; 0 where a rise is remembered anyway. */
  readonly hold: number;
  /** Lines that are no wires but a bit which software clears: each rise counts, and nobody drives them low. */
  readonly isEvent?: (line: Line) => boolean;
}

interface Change<Line> {
  readonly line: Line;
  readonly level: boolean;
  readonly due: number;
}

export interface LinesState<Line> {
  /** Those that are driven high. */
  readonly driven: readonly Line[];
  readonly changes: readonly Change<Line>[];
}

export class Lines<Line> {
  faults: LineFaults<Line> | undefined;
  readonly #options: LinesOptions<Line>;
  readonly #driven = new Set<Line>();
  /** What faults let happen later, by due cycle: for each line at most one rise and one fall. */
  #changes: readonly Change<Line>[] = [];

  constructor(options: LinesOptions<Line>) {
    this.#options = options;
  }

  /** Somebody drives the line. */
  drive(line: Line, level: boolean): void {
    const isEvent = this.#options.isEvent?.(line) === true;
    if (!isEvent) {
      if (this.#driven.has(line) === level) return;
      if (level) this.#driven.add(line);
      else this.#driven.delete(line);
    }
    if (!level) return this.#fall(line);
    const late = this.faults?.rose(line) ?? 0;
    if (late === 'lost') return;
    if (late > 0) this.#later(line, true, late);
    else this.#options.forward(line, true);
    if (isEvent && this.faults?.fell(line) === true) this.#later(line, true, late + this.#gap);
  }

  /** The line rises although nobody drives it, and falls again. */
  pulse(line: Line): void {
    const { forward, hold, isEvent } = this.#options;
    forward(line, true);
    if (isEvent?.(line) === true) return;
    if (hold > 0) this.#later(line, false, hold);
    else if (!this.#driven.has(line)) forward(line, false);
  }

  nextEventAt(): number {
    return this.#changes[0]?.due ?? Infinity;
  }

  advance(now: number): void {
    while (this.nextEventAt() <= now) {
      const { line, level } = this.#changes[0]!;
      this.#changes = this.#changes.slice(1);
      if (!level) {
        if (!this.#driven.has(line)) this.#options.forward(line, false);
      } else if (this.#driven.has(line)) this.#options.forward(line, true);
      else this.pulse(line);
    }
  }

  /** Nobody drives anything any more; whoever the lines lead to knows. */
  reset(): void {
    this.#driven.clear();
    this.#changes = [];
  }

  save(): LinesState<Line> {
    return { driven: [...this.#driven], changes: this.#changes };
  }

  /** Before those who drive the lines are restored: they find them as they left them. */
  restore({ driven, changes }: LinesState<Line>): void {
    this.#driven.clear();
    for (const line of driven) this.#driven.add(line);
    this.#changes = changes;
  }

  #fall(line: Line): void {
    // What has not come yet does not come any more.
    this.#changes = this.#changes.filter((change) => change.line !== line);
    this.#options.forward(line, false);
    if (this.faults?.fell(line) !== true) return;
    if (this.#options.hold > 0) this.#later(line, true, this.#gap);
    else this.pulse(line);
  }

  get #gap(): number {
    return Math.max(1, this.#options.hold);
  }

  #later(line: Line, level: boolean, cycles: number): void {
    const due = this.#options.cycles() + cycles;
    const others = this.#changes.filter((change) => change.line !== line || change.level !== level);
    const before = others.filter((change) => change.due <= due);
    this.#changes = [...before, { line, level, due }, ...others.slice(before.length)];
  }
}
