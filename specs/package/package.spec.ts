/** What `npm pack` gives works in a project that is not ours: CommonJS and ES modules, JavaScript and TypeScript. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as modules from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { deserialize } from 'node:v8';

/** Packing compiles everything; a busy host takes its time. */
jest.setTimeout(600_000);

const ROOT = resolve(__dirname, '..', '..');
/** Bytes before a kept file's contents. */
const CHECKSUM = 32;

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

let folder: string;
let environment: NodeJS.ProcessEnv;
let packed: Packed;

/** Where a package of ours is that npm would install beside testvisor. */
const link = (name: string): void => {
  const place = join(folder, 'node_modules', name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), place);
};

const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'testvisor-'));
  environment = { ...process.env, TESTVISOR_CACHE: join(folder, 'cache') };
  const said = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  [packed] = JSON.parse(said.slice(said.indexOf('['))) as [Packed];
  const home = join(folder, 'node_modules', 'testvisor');
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', home, '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  for (const name of Object.keys(dependencies)) link(name);
  for (const name of [
    'jest',
    '@jest/globals',
    '@jest/test-sequencer',
    '@jest/types',
    'jest-environment-node',
    'expect',
    'ts-jest',
    '@types/jest',
    '@types/node',
    'typescript',
  ])
    link(name);
  copyFileSync(join(ROOT, 'fixtures/hello/hello.elf'), join(folder, 'hello.elf'));
  write('package.json', JSON.stringify({ name: 'firmware', private: true }));
  write('jest.config.js', "module.exports = { preset: 'testvisor' };");
  write(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: { module: 'nodenext', strict: true, noEmit: true, types: ['jest'] } }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SYSTEM = "defineSystem({ vms: { guest: { image: 'hello.elf', ram: kib(64) } } })";
const STORY = `
test('says hello', async () => {
  const machine = await boot(${SYSTEM});
  await machine.runUntil(machine.vm('guest').halted(), { atMost: ms(5) });
  expect(machine.vm('guest')).toHavePrinted(/Hello from RV32/);
  expect(machine.vm('guest')).toBeHalted({ code: 0 });
});
`;

test('it holds what was compiled and what guests are built with, and nothing of ours', () => {
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'dist/harness/index.js',
      'dist/harness/index.d.ts',
      'dist/harness/jest/jest-preset.js',
      'dist/harness/cli/main.js',
      'platform/sdk/include/testvisor/testvisor.h',
      'platform/sdk/source/guest.ld',
      'LICENSE',
    ]),
  );
  expect(paths.filter((path) => /^(specs|bench|\.ci|node_modules)\//.test(path))).toEqual([]);
  expect(paths.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
});

test('licences of the packages in the bundles are with them', () => {
  const text = readFileSync(join(folder, 'node_modules/testvisor/dist/third-party-licences.txt'), 'utf8');
  const parts = text.split(`\n${'-'.repeat(72)}\n`).slice(1);
  expect(parts.map((part) => part.trim().split(' ')[0])).toEqual([
    '@noble/hashes',
    'commander',
    'elfy',
    'endian-reader',
    'picocolors',
  ]);
  for (const part of parts) expect(part).toMatch(/copyright[^]*permission[^]*(without warranty|as is)/i);
});

test('to run an image loads three files, and none but ASCII', () => {
  write(
    'files.js',
    'process.on("exit", () => require("fs").writeFileSync("files.json", JSON.stringify(Object.keys(require.cache))));',
  );
  testvisorWith(['--require', './files.js'], 'run', 'hello.elf');
  const files = (JSON.parse(readFileSync(join(folder, 'files.json'), 'utf8')) as readonly string[]).filter(
    (file) => !file.endsWith('files.js'),
  );
  expect(files.map((file) => basename(file))).toEqual([
    'main.js',
    expect.stringMatching(/^start-/),
    expect.stringMatching(/^run-/),
  ]);
  for (const file of files) expect(readFileSync(file).some((byte) => byte > 127)).toBe(false);
});

test('an image is run with V8 optimising late, and with its flags as they were when code is kept', () => {
  write(
    'flags.js',
    `const v8 = require('node:v8');
    const asEver = v8.setFlagsFromString;
    const flags = [];
    v8.setFlagsFromString = (flag) => (flags.push(flag), asEver(flag));
    process.on('exit', () => require('node:fs').writeFileSync('flags.json', JSON.stringify(flags)));`,
  );
  const { stderr, status } = testvisorWith(['--require', './flags.js'], 'run', 'hello.elf');
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const flags = JSON.parse(readFileSync(join(folder, 'flags.json'), 'utf8')) as readonly string[];
  const gains = ['11', '12'].includes(process.versions.v8.split('.')[0]!);
  expect(flags).toHaveLength(gains ? 2 : 0);
  const [[name, later], [nameAfter, after]] = [flags[0] ?? '=2', flags[1] ?? '=1'].map((flag) =>
    flag.split('='),
  ) as [[string, string], [string, string]];
  expect(nameAfter).toBe(name);
  expect(Number(later)).toBeGreaterThan(Number(after));
  // The default is V8's.
  const options = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' }).stdout;
  if (gains) expect(options).toContain(`default: ${nameAfter}=${after}\n`);
});

test('specs of a foreign project run: CommonJS, an ES module, TypeScript', () => {
  write('hello.spec.js', `const { boot, defineSystem, kib, ms } = require('testvisor');${STORY}`);
  write('hello.spec.mjs', `import { boot, defineSystem, kib, ms } from 'testvisor';${STORY}`);
  write('hello.spec.ts', `import { boot, defineSystem, kib, ms } from 'testvisor';${STORY}`);
  write(
    'jest.config.js',
    `module.exports = {
      preset: 'testvisor',
      testMatch: ['**/*.spec.{js,mjs,ts}'],
      transform: { '\\\\.ts$': ['ts-jest', { diagnostics: true }] },
    };`,
  );
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--no-cache', '--runInBand'],
    { cwd: folder, encoding: 'utf8', env: environment },
  );
  expect(stderr).toContain('Tests:       3 passed, 3 total');
  // What they generated is kept for the next run.
  expect(readdirSync(join(folder, 'cache'))).not.toEqual([]);
  expect(status).toBe(0);
});

test('a misspelt VM does not compile there either', () => {
  write(
    'wrong.ts',
    `import { boot, defineSystem, kib } from 'testvisor';\nvoid boot(${SYSTEM}).then((machine) => machine.vm('gusset'));\n`,
  );
  const { status, stdout } = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', '.', '--skipLibCheck'],
    { cwd: folder, encoding: 'utf8', env: environment },
  );
  rmSync(join(folder, 'wrong.ts'));
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/^wrong\.ts.*'"gusset"' is not assignable/),
  ]);
  expect(status).not.toBe(0);
});

/** What is in the cache folder, by its own name where it has one. */
const keptNames = (): readonly string[] =>
  readdirSync(join(folder, 'cache')).map((name) => {
    if (!name.endsWith('.code')) return name;
    const contents = readFileSync(join(folder, 'cache', name)).subarray(CHECKSUM);
    return (deserialize(contents) as { readonly name: string }).name;
  });

/** As it is installed, with options of Node's. */
const testvisorWith = (options: readonly string[], ...args: readonly string[]) =>
  spawnSync(process.execPath, [...options, 'node_modules/testvisor/dist/harness/cli/main.js', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: environment,
  });

const testvisor = (...args: readonly string[]) => testvisorWith([], ...args);

test('the command works: it shows the demonstration, and again with what was kept', () => {
  for (let run = 0; run < 2; run++) {
    const { status, stdout } = testvisor('demo');
    expect(stdout).toContain('Train control');
    expect(status).toBe(0);
  }
});

test('what the command generates is kept for the next process', () => {
  const kept = (): readonly string[] => readdirSync(join(folder, 'cache')).sort();
  rmSync(join(folder, 'cache'), { recursive: true, force: true });
  testvisor('run', 'hello.elf');
  const first = kept();
  expect(first.length).toBeGreaterThan(0);
  const times = first.map((file) => statSync(join(folder, 'cache', file)).mtimeMs);
  testvisor('run', 'hello.elf');
  expect(kept()).toEqual(first);
  expect(first.map((file) => statSync(join(folder, 'cache', file)).mtimeMs)).toEqual(times);
});

test('what V8 compiles of the command is kept, and believed only of what has the same text', () => {
  rmSync(join(folder, 'cache'), { recursive: true, force: true });
  const told = testvisor('run', 'hello.elf').stdout;
  expect(told).toContain('Hello from RV32');
  const isLeftToNode = 'enableCompileCache' in modules;
  expect(keptNames()).toContain(isLeftToNode ? 'node' : 'scripts of run');

  const bundles = join(folder, 'node_modules/testvisor/dist/harness');
  const bundle = join(
    bundles,
    readdirSync(bundles).find((name) => /^run-.*\.js$/.test(name))!,
  );
  const text = readFileSync(bundle, 'utf8');
  testvisor('run', '--help');
  // Of the same length, which is all that V8 looks at.
  writeFileSync(bundle, text.replace('Runs an image', 'Runs AN image'));
  expect(testvisor('run', '--help').stdout).toContain('Runs AN image');
  writeFileSync(bundle, text);

  for (const file of readdirSync(join(folder, 'cache')).filter((name) => name.endsWith('.code'))) {
    const bytes = readFileSync(join(folder, 'cache', file));
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(join(folder, 'cache', file), bytes);
  }
  expect(testvisor('run', 'hello.elf').stdout).toBe(told);
});

test('it finds what lies in the package: threads of campaigns, the prober', () => {
  write(
    'campaign.js',
    `const { defineCampaign, defineSystem, faultSpace, kib, ms, sample } = require('testvisor');
    exports.system = ${SYSTEM};
    exports.registers = defineCampaign({
      name: 'registers',
      system: exports.system,
      workload: { atMost: ms(1) },
      oracle: (machine) => machine.vm('guest').console.text,
      space: faultSpace.registers({ vm: 'guest' }),
      plan: sample({ size: 6 }),
    });`,
  );
  const campaign = testvisor('campaign', 'campaign.js', '--workers', '1');
  expect(campaign.stderr).not.toContain('testvisor:');
  expect(campaign.stdout).toContain('6 injections');
  expect(testvisor('policy', 'campaign.js', '--probe').stdout).toMatch(/things tried, 0 not denied/);
});

test('a trace of a mistake names the sources', () => {
  write('mistake.js', "require('testvisor').boot(5).catch(({ stack }) => console.log(stack));");
  const { stdout } = spawnSync(process.execPath, ['--enable-source-maps', 'mistake.js'], {
    cwd: folder,
    encoding: 'utf8',
    env: environment,
  });
  expect(stdout).toMatch(/at .*boot .*harness\/machine\/boot\.ts:\d+/);
});
