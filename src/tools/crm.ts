#!/usr/bin/env node
import { runShell } from '../shell/main.js';

const { argv, env, stdin, stdout, stderr } = process;
process.exitCode = await runShell({ argv: argv.slice(2), env, stdin, stdout, stderr });
