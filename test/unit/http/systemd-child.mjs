// A program that systemd might start: serves on the sockets passed to it. Out: one JSON line, its addresses or its error.
import { listens } from '../../../dist/collector/source.js';
import { buildApp } from '../../../dist/http/app.js';
import { listen } from '../../../dist/http/listen.js';
import { takeSystemdSockets } from '../../../dist/http/systemd-sockets.js';
import { oneLine } from '../../../dist/errors.js';

const log = { error: () => {} };
const app = buildApp({
  telemetryPath: '/metrics',
  scrapes: { scrape: () => Promise.resolve({ contentType: 'text/plain', body: 'up 1\n' }) },
  health: { report: () => ({ status: 'ok', checks: {} }) },
  log,
  version: '1',
  maxRequests: 0,
  pageAssets: { page: '', files: new Map() },
  page: { viewers: 'off', authenticates: () => false, hostNames: [] },
  summary: { report: () => ({}) },
});
try {
  const addresses = takeSystemdSockets({
    environment: process.env,
    pid: process.pid,
    listens,
  });
  const { urls } = await listen({ app, addresses, log });
  const left = Object.keys(process.env).filter((name) => name.startsWith('LISTEN_'));
  process.stdout.write(`${JSON.stringify({ urls, left })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: oneLine(error) })}\n`);
  process.exitCode = 1;
}
