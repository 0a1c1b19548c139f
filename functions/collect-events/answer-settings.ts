import { errorReply, type HttpReply, type HttpRequest } from '../../shared/adapters/http/http-handler.ts';
import type { SourceKind } from '../../shared/domain/stream-event.ts';
import type { SourceKeys } from '../../shared/ports/identity.ts';
import { credentialsOf } from '../../shared/protocol/credentials.ts';

/** Seconds that a browser keeps the settings: they change with a deployment, and every page asks for them. */
const SETTINGS_MAX_AGE_SECONDS = 300;

/**
 * What other people's clients ask for before they send anything: `GET /v1/projects/{writeKey}/settings`
 * (analytics.js and Segment's mobile clients) and `GET /sourceConfig` (RudderStack's). The answer is where to send,
 * and that nothing is to be loaded from or told to anybody else.
 */
export function answerSettings(request: HttpRequest, sourceKeys: SourceKeys): HttpReply {
  const { writeKey } = request.parameters;
  // RudderStack's browser client asks for `/sourceConfig/`, which is no route of its own.
  if (/^\/sourceConfig\/?$/.test(request.path)) return answerSourceConfig(request, sourceKeys);
  if (writeKey === undefined) return errorReply(404, { code: 'not_found', message: 'there is nothing here' });

  // Pages ask, and so may everybody: a secret key has no business in a page's address.
  if (sourceKeys.sourceOf(writeKey) !== 'browser')
    return errorReply(404, { code: 'unknown_key', message: 'no browser source has this write key' });
  return {
    status: 200,
    body: segmentSettings(writeKey, request.headers),
    headers: { 'cache-control': `private, max-age=${SETTINGS_MAX_AGE_SECONDS}` },
  };
}

function answerSourceConfig(request: HttpRequest, sourceKeys: SourceKeys): HttpReply {
  const { key } = credentialsOf(request.headers.authorization, request.query.writeKey);
  const source = key === undefined ? null : sourceKeys.sourceOf(key);
  return source === null
    ? errorReply(401, { code: 'unknown_key', message: 'the source key is missing or unknown' })
    : { status: 200, body: rudderSourceConfig(source) };
}

/** `Segment.io` as the only integration, which is this very host; a client's own `apiHost` outweighs it. */
function segmentSettings(writeKey: string, headers: HttpRequest['headers']): object {
  const { host, 'x-forwarded-proto': protocol = 'https' } = headers;
  return {
    integrations: {
      'Segment.io': { apiKey: writeKey, ...(host !== undefined && { apiHost: `${host}/v1`, protocol }) },
    },
    plan: {},
    edgeFunction: {},
    enabledMiddleware: {},
    middlewareSettings: { routingRules: [] },
    remotePlugins: [],
    legacyVideoPluginsEnabled: false,
    analyticsNextEnabled: true,
    // Without it analytics.js reports on itself to Segment.
    metrics: { sampleRate: 0 },
  };
}

/** What RudderStack's clients check before they start; `statsCollection` is what they report on themselves. */
function rudderSourceConfig(source: SourceKind): object {
  return {
    isHosted: false,
    source: {
      id: source,
      name: source,
      workspaceId: 'cartwright',
      enabled: true,
      config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
      destinations: [],
    },
  };
}
