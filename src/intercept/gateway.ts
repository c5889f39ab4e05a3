/** COM-17: what an API gateway in front of the service answers for itself, and with which status. */
export const gatewayCodes = {
  'APIGW.0101': { status: 404, message: 'The API does not exist or is not published.' },
  'APIGW.0201': { status: 502, message: 'The backend cannot be reached, or the request is too large.' },
  'APIGW.0301': { status: 401, message: 'The authentication information is incorrect.' },
  'APIGW.0302': { status: 403, message: 'The caller is not authorized.' },
  'APIGW.0303': { status: 401, message: 'The app is not authenticated.' },
  'APIGW.0304': { status: 403, message: 'The app is not authorized for this API.' },
  'APIGW.0308': { status: 429, message: 'The requests are throttled; try again in 2 to 5 seconds.' },
} as const

export type GatewayCode = keyof typeof gatewayCodes
