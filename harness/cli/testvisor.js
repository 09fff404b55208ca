#!/usr/bin/env node
'use strict';
/**
 * The command `testvisor`, and what `npm start` runs. Plain JavaScript without dependencies, since it also has to work
 * in a fresh clone: there it installs what is missing first.
 */
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const OLDEST_NODE = 20;
const root = join(__dirname, '..', '..');

const fail = (text) => {
  process.stderr.write(`testvisor: ${text}\n`);
  process.exit(1);
};

const run = (command, args, options = {}) => {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error) fail(`${command} could not be started: ${error.message}`);
  return status ?? 1;
};

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE)
  fail(`Node ${OLDEST_NODE} or newer is needed; this is ${process.versions.node}.`);

const isInstalled = (name) => existsSync(join(root, 'node_modules', name, 'package.json'));
if (!['commander', 'elfy', 'picocolors', 'tsx'].every(isInstalled)) {
  process.stderr.write('testvisor: installing dependencies, once …\n');
  // npm tells its scripts where it is; started by hand, the one on the path has to do.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund'];
  const status = npm
    ? run(process.execPath, [npm, ...args], { cwd: root })
    : run('npm', args, { cwd: root, shell: process.platform === 'win32' });
  if (status !== 0) fail('the dependencies could not be installed; see the messages of npm above.');
}

const { pathToFileURL } = require('node:url');
const loader = pathToFileURL(require.resolve('tsx', { paths: [root] })).href;
process.exit(
  run(process.execPath, ['--import', loader, join(__dirname, 'main.ts'), ...process.argv.slice(2)], {
    env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') },
  }),
);
