import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { loadImage } from 'testvisor';

/** What real compilers and linkers make: the committed fixtures. */
const FIXTURES = join(__dirname, '../../../fixtures');
const IMAGES = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.elf'))
  .sort()
  .map((path) => join(FIXTURES, path));

const OBJDUMP = 'riscv64-unknown-elf-objdump';
const hasObjdump = spawnSync(OBJDUMP, ['--version']).status === 0;

interface Row {
  readonly file: string;
  readonly line: number;
  readonly address: number;
  readonly ends: boolean;
}

/** The line table as binutils decodes it: file name, line or `-` at a sequence's end, address. */
const rowsOf = (image: string): Row[] =>
  execFileSync(OBJDUMP, ['--dwarf=decodedline', image], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: 'pipe',
  })
    .split('\n')
    .map((text) => /^(\S+)\s+(\d+|-)\s+(?:0x)?([0-9a-f]+)\b(.*)$/.exec(text))
    .filter((match) => match !== null)
    .map(([, file, line, address, marks]) => ({
      file: file!,
      line: line === '-' ? 0 : Number(line),
      address: parseInt(address!, 16),
      ends: line === '-' || marks!.includes('END'),
    }));

test('every fixture loads, and its entry has a name', () => {
  for (const path of IMAGES) {
    const image = loadImage(path);
    expect([path, image.symbols.at(image.entry)]).toEqual([path, expect.objectContaining({ offset: 0 })]);
  }
});

(hasObjdump ? test : test.skip)('every instruction has the source line that binutils finds for it', () => {
  for (const path of IMAGES) {
    const image = loadImage(path);
    const rows = rowsOf(path);
    rows.slice(0, -1).forEach((row, index) => {
      if (row.ends || row.address < image.base || row.line === 0) return;
      for (let address = row.address; address < rows[index + 1]!.address; address += 2) {
        const place = image.sourceLine(address);
        const found = { address, line: place?.line, file: place?.file.split('/').at(-1) };
        expect(found).toEqual({ address, line: row.line, file: row.file });
      }
    });
  }
});

test('fixtures with damaged bytes load or are refused', () => {
  if (IMAGES.length === 0) return;
  const files = IMAGES.map((path) => readFileSync(path));
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.nat(files.length - 1), damage, fc.boolean(), (which, changes, inHeaders) => {
      const file = Uint8Array.from(files[which]!);
      for (const [at, value] of changes) file[at % (inHeaders ? 256 : file.length)] = value;
      let image;
      try {
        image = loadImage(file);
      } catch (error) {
        expect(error).toMatchObject({ name: 'ImageError' });
        return;
      }
      image.sourceLine(image.entry);
      image.symbols.describe(image.entry);
    }),
    { numRuns: 300 },
  );
});
