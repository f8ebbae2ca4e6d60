/** Where the app's requests may go. */
export interface AppNeighbours {
  readonly apiUrl: string;
  /** URL of a MapLibre style; empty: none. */
  readonly mapStyle: string;
}

/**
 * What browsers are told to refuse: everything from elsewhere but the API and the map. docs/app.md lists the same for other
 * servers.
 */
export function securityHeaders({ apiUrl, mapStyle }: AppNeighbours): Record<string, string> {
  const api = new URL(apiUrl).origin;
  const map = URL.canParse(mapStyle) ? [new URL(mapStyle).origin] : [];
  const policy = {
    "default-src": ["'self'"],
    "connect-src": ["'self'", api, api.replace(/^http/u, "ws"), ...map],
    // pictures are shown before they are sent, and the map draws with its own
    "img-src": ["'self'", "data:", "blob:", api, ...map],
    // dialogs keep the page behind them still with a style element
    "style-src": ["'self'", "'unsafe-inline'"],
    "worker-src": ["'self'", "blob:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
  };
  return {
    "content-security-policy": Object.entries(policy)
      .map(([name, sources]) => [name, ...sources].join(" "))
      .join("; "),
    "x-content-type-options": "nosniff",
    // addresses name tasks and people
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(), microphone=(), payment=()",
  };
}
