#!/usr/bin/env node
/** Where the command begins: with next to nothing loaded, so that what V8 compiles from here on is kept for the next start. */
import { keepCompiledScripts } from '../cache/compiled-scripts';
import { importModulesBy } from '../import-module';
import { isCompiled } from '../package-files';

/** Ends the process: by itself Node waits for what V8 still compiles of the guest's code in other threads. */
const end = (): void => void process.stdout.write('', () => process.stderr.write('', () => process.exit()));

importModulesBy((url) => import(url));
if (isCompiled) keepCompiledScripts(process.argv[2] ?? '');

void import('./command.js').then(({ main }) => main()).then(end);
