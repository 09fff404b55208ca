import picocolors from 'picocolors';

/** How things look in a terminal; without colour every style is the text itself. */
export interface Style {
  title(text: string): string;
  time(text: string): string;
  message(text: string): string;
  fault(text: string): string;
  crash(text: string): string;
  recovery(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  quiet(text: string): string;
}

/** @param inColour default: whether the terminal has colours and nobody forbids them (NO_COLOR) */
export function terminalStyle(inColour: boolean = picocolors.isColorSupported): Style {
  const colours = picocolors.createColors(inColour);
  return {
    title: (text) => colours.bold(text),
    time: (text) => colours.dim(text),
    message: (text) => colours.cyan(text),
    fault: (text) => colours.magenta(text),
    crash: (text) => colours.red(text),
    recovery: (text) => colours.yellow(text),
    good: (text) => colours.green(text),
    bad: (text) => colours.bold(colours.red(text)),
    quiet: (text) => colours.dim(text),
  };
}
