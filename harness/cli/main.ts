#!/usr/bin/env node
/** Where the command begins: with nothing loaded, so that what Node compiles is kept for the next start (Node 22). */
import * as modules from 'node:module';

(modules as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();

void import('./command.js').then(({ main }) => main());
