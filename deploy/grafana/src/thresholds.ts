// Dashboards: where the alerts and the recording rules begin, as deploy/prometheus has it.

/** ForkStorm. */
export const STORM_SECONDS_A_MINUTE = 10;
/** Shares of the pids limit: ForkBomb looks from the first on; at the second the default ulimit ends a user. */
export const PIDS_WARNING = 0.3;
export const PIDS_BAD = 0.5;
/** An outlier does so many times the fleet's median, and so many a second. */
export const FAR_ABOVE = 3;
export const OUTLIER_RATE = 10;
