// The image's health check. In: HEALTHCHECK_URL. Out: exit code 0 when the daemon answers and is not failing, else 1.
// Beside node there is nothing else in the image that could ask, no shell and no curl.
import http from 'node:http';
import https from 'node:https';

const url = process.env.HEALTHCHECK_URL || 'http://127.0.0.1:11011/-/healthy';
/** A scrape may hold the event loop for 50 ms; the runtime ends the check after 5 s. */
const TIMEOUT_MS = 4000;

function end(text, code) {
  process.stdout.write(`${text}\n`, () => process.exit(code));
}

try {
  const { get } = url.startsWith('https:') ? https : http;
  // It asks its own daemon, over the loopback: whose name stands in the certificate tells nothing.
  const request = get(url, { timeout: TIMEOUT_MS, rejectUnauthorized: false }, (response) => {
    response.resume();
    const { statusCode } = response;
    // Asked for a password, the daemon lives; --web.health-unprotected lets the check see more.
    end(`${url} answers ${statusCode}`, statusCode === 200 || statusCode === 401 ? 0 : 1);
  });
  request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  request.on('error', (error) => end(`${url}: ${error.message}`, 1));
} catch (error) {
  end(`HEALTHCHECK_URL: ${error.message}`, 1);
}
