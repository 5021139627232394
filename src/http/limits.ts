// HTTP: what one client may cost. Read by listen.ts; tests bring smaller ones.

export interface Limits {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  readonly stallTimeout: number;
  readonly connectionsCheckingInterval: number;
  readonly maxHeaderSize: number;
  readonly maxConnections: number;
}

export const LIMITS: Limits = {
  // Milliseconds for the head of a request. A scraper sends it in one packet; ten seconds forgive a bad line.
  headersTimeout: 10_000,
  // The same for the whole request, as nothing that we answer has a body.
  requestTimeout: 10_000,
  // Longer than the usual longest scrape interval of 60 s, so that a scraper keeps its connection.
  keepAliveTimeout: 75_000,
  // No byte moves in either direction: twice the longest wait for a cut (half of 120 s, see scrapeTimeout in app.ts).
  stallTimeout: 120_000,
  // Each check wakes the process; a slow client lives this much longer than its time limit.
  connectionsCheckingInterval: 5_000,
  // Bytes of a request's head, URL and all. Browsers send the cookies of every service on the same host name.
  maxHeaderSize: 16_384,
  // For each address. A few scrapers and a few people need ten; 512 stay below the usual limit of 1,024 open files.
  maxConnections: 512,
};
