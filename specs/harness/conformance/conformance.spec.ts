/** The conformance runner: what it says of images that pass, fail, crash, hang, or are none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { conformance, type ConformanceOptions } from '../../../harness/conformance/conformance';
import { ms } from '../../../platform/units';
import {
  endByFinisher,
  endByToHost,
  FROM_HOST,
  SIGNATURE,
  stay,
  store,
  testImage,
  TO_HOST,
  waitFor,
} from './test-programs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(path: string, content: Uint8Array | string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

async function run(
  options: ConformanceOptions = {},
): Promise<{ readonly code: number; readonly said: readonly string[] }> {
  const said: string[] = [];
  const code = await conformance(join(folder, 'images'), (line) => said.push(line), {
    time: ms(1),
    ...options,
  });
  return { code, said };
}

/** What is said of one image. */
async function saidOf(image: Uint8Array | string, options?: ConformanceOptions): Promise<string> {
  put('images/suite/test.elf', image);
  const { code, said } = await run(options);
  const [first] = said;
  expect({ code, counts: said.at(-1) }).toEqual(
    first!.startsWith('suite ')
      ? { code: 0, counts: expect.stringMatching(/^suite +1 +1 +0$/) }
      : { code: 1, counts: expect.stringMatching(/^suite +1 +0 +1$/) },
  );
  return first!.startsWith('suite ') ? 'pass' : first!.replace(/^suite\/test\.elf: FAIL: /, '');
}

describe('one image', () => {
  test('passes by tohost', async () => {
    expect(await saidOf(testImage(endByToHost(1)))).toBe('pass');
  });

  test('passes by the test finisher', async () => {
    expect(await saidOf(testImage(endByFinisher(0x5555), []))).toBe('pass');
  });

  test('fails with the number of its test', async () => {
    expect(await saidOf(testImage(endByToHost(7 * 2 + 1)))).toBe('test 7');
  });

  test('fails by a trap that its handler did not expect', async () => {
    expect(await saidOf(testImage(endByToHost(1337 | 2)))).toBe('a trap that the test did not expect');
  });

  test('fails with the code that it gives the test finisher', async () => {
    expect(await saidOf(testImage(endByFinisher((3 << 16) | 0x3333), []))).toBe('code 3');
  });

  test('crashes, with the reason', async () => {
    expect(await saidOf(testImage([['ebreak'], stay]))).toMatch(/^crashed: .*breakpoint/);
  });

  test('says nothing within its virtual time', async () => {
    expect(await saidOf(testImage([stay]))).toBe(
      'no verdict after 99950 instructions, at 0x80000000: jal zero, 0x80000000',
    );
  });

  test('is no image that can run', async () => {
    expect(await saidOf('\x7fELF and nothing more')).toMatch(/^cannot run: /);
  });

  test('writes before it fails', async () => {
    const letter = (text: string) => [
      ...store(TO_HOST, text.charCodeAt(0)),
      ...store(TO_HOST + 4, 0x0101_0000),
      ...waitFor(FROM_HOST),
      ...store(FROM_HOST, 0),
    ];
    const program = [...letter('n'), ...letter('o'), ...endByToHost(3)];
    expect(await saidOf(testImage(program))).toBe('test 1, which says: no');
  });

  test('writes by a system call', async () => {
    const call = SIGNATURE;
    const text = SIGNATURE + 0x100;
    const program = [
      ...store(text, 0x0021_6f6e),
      ...store(call, 64),
      ...store(call + 8, 1),
      ...store(call + 16, text),
      ...store(call + 24, 3),
      ...store(TO_HOST, call),
      ...waitFor(FROM_HOST),
      ...endByToHost(3),
    ];
    expect(await saidOf(testImage(program))).toBe('test 1, which says: no!');
  });

  test('names memory that it does not have in a system call', async () => {
    const program = [...store(TO_HOST, 0x7000_0000), ...waitFor(FROM_HOST), ...endByToHost(3)];
    expect(await saidOf(testImage(program))).toBe('test 1');
  });
});

describe('signatures', () => {
  const image = testImage(
    [...store(SIGNATURE, 0x1234_5678), ...store(SIGNATURE + 4, 0xff), ...endByFinisher(0x5555)],
    ['begin_signature', 'end_signature'],
  );
  const judged = (reference: string | undefined): Promise<string> => {
    if (reference !== undefined) put('references/suite/test.signature', reference);
    return saidOf(image, { signatures: join(folder, 'references') });
  };

  test('that are the reference’s pass', async () => {
    expect(await judged('12345678\n000000ff\n')).toBe('pass');
    expect(await judged('12345678\r\n000000FF\r\n')).toBe('pass');
  });

  test('that differ fail at the first word that does', async () => {
    expect(await judged('12345678\n000000fe\n')).toBe(
      '1 of 2 words of its signature differ, first at 0x80002004: 000000ff, reference 000000fe',
    );
  });

  test('of another length fail', async () => {
    expect(await judged('12345678\n')).toBe('its signature has 2 words, the reference 1');
  });

  test('without a reference fail', async () => {
    expect(await judged(undefined)).toMatch(/^there is no reference signature .*test\.signature$/);
  });

  test('with a damaged reference fail', async () => {
    expect(await judged('12345678\nmaybe\n')).toMatch(/test\.signature, line 2: not a word of a signature$/);
  });

  test('are missed where an image has none', async () => {
    put('references/suite/test.signature', '12345678\n');
    const options = { signatures: join(folder, 'references') };
    expect(await saidOf(testImage(endByToHost(1)), options)).toBe('it has no signature');
  });

  test('are not asked of an image that fails by itself', async () => {
    const options = { signatures: join(folder, 'references') };
    expect(await saidOf(testImage(endByToHost(5)), options)).toBe('test 2');
  });
});

describe('a directory', () => {
  test('is counted by folder, and what is no ELF file is passed over', async () => {
    put('images/a/one.elf', testImage(endByToHost(1)));
    put('images/a/two', testImage(endByToHost(5)));
    put('images/b/three.elf', testImage(endByToHost(1)));
    put('images/b/notes.txt', 'no image');
    const { code, said } = await run();
    expect(code).toBe(1);
    expect(said).toEqual([
      'a/two: FAIL: test 2',
      'suite  images  passed  failed',
      'a           2       1       1',
      'b           1       1       0',
      'all         3       2       1',
    ]);
  });

  test('is said in JSON', async () => {
    put('images/one.elf', testImage(endByToHost(1)));
    put('images/two.elf', testImage(endByToHost(5)));
    const { code, said } = await run({ json: true });
    expect(code).toBe(1);
    expect(JSON.parse(said.join('\n'))).toEqual([
      { image: 'one.elf', verdict: { is: 'passed' }, instructions: expect.any(Number) },
      {
        image: 'two.elf',
        verdict: { is: 'failed', what: 'test 2', output: '' },
        instructions: expect.any(Number),
      },
    ]);
  });

  test('without images is no pass', async () => {
    put('images/notes.txt', 'no image');
    const { code, said } = await run();
    expect({ code, said }).toEqual({ code: 1, said: [`no ELF files in ${join(folder, 'images')}`] });
  });

  test('that does not exist is a mistake', async () => {
    await expect(run()).rejects.toThrow('give the folder that holds your built images');
  });
});
