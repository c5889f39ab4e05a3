import type { Concern, Statement } from './statement.ts'

const assumed = (sentence: string, concerns?: Concern) =>
  ({ standing: 'assumed', sentence, ...(concerns && { concerns }) }) as const satisfies Statement

const everywhere = 'every operation'

/** What the emulator does where the documentation is silent. Each is an assumption, until somebody sees the real service do it. */
export const decisions = {
  'DEC-1': assumed(
    'Checks come in one order: route; media type, size and syntax; Authorization; X-User-Id; X-Date; the lock header; path, query and body; then the rule. The first that fails refuses. A table outweighs an example.',
    everywhere,
  ),
  'DEC-2': assumed(
    'Authorization is Bearer in any case, one space or one plus, and a token of 1 to 4,096 visible ASCII characters; anything else is 401.',
    everywhere,
  ),
  'DEC-3': assumed(
    'With auth any, every well-formed token is good for every user; with auth known, only tokens that were issued, for their own user, while they live. An app signature is always verified, and an app may act for any user.',
    everywhere,
  ),
  'DEC-4': assumed(
    'X-User-Id has 1 to 64 visible ASCII characters. All state belongs to a user; what belongs to another does not exist.',
    everywhere,
  ),
  'DEC-5': assumed(
    'X-Date has 16 characters and is a real instant; exactly 15 minutes old is accepted, a millisecond more is not, nor is anything later than the current second. A mandatory header given twice is refused.',
    everywhere,
  ),
  'DEC-6': assumed(
    'application/json with any parameters is JSON, and so is a body without Content-Type; any other media type with a body is 415. An empty body is none.',
    everywhere,
  ),
  'DEC-7': assumed('A body has at most 12 MiB; more is 413.', everywhere),
  'DEC-8': assumed(
    'Unknown properties and parameters are ignored. A parameter given twice is refused. null means absent for what is optional. Nothing is coerced: 102 is not "102", and an integer in a query is decimal digits alone.',
    everywhere,
  ),
  'DEC-9': assumed(
    'An id in a path has 1 to 64 letters, digits, underscores and dashes. X-traceid, where binding gets one, has 58 characters.',
  ),
  'DEC-10': assumed(
    'Lengths count UTF-16 code units, patterns match whole strings, white space is ASCII, and a string with an unpaired surrogate is refused.',
    everywhere,
  ),
  'DEC-11': assumed(
    'Refusals of a request have HTTP 400, as the appendix pairs them, or 200 with errorStatus ok; 401, 404, 413, 415, 429 and 500 stay.',
    everywhere,
  ),
  'DEC-12': assumed(
    'What cannot be parsed or routed is 13000101; what was parsed and breaks a constraint is 13000102.',
    everywhere,
  ),
  'DEC-13': assumed(
    "Where no documented code fits, the code is one of the emulator's own block, 13990xxx.",
    everywhere,
  ),
  'DEC-14': assumed(
    'One catalogue holds status, code and msg of every refusal; a profile overrides entries by their key.',
    everywhere,
  ),
  'DEC-15': assumed(
    "msg is the catalogue's text; the cause goes into the header x-emulator-reason, as at most 512 printable ASCII characters, the log and the journal. It holds no stored value and no secret.",
    everywhere,
  ),
  'DEC-16': assumed(
    'With devices adopt, writing for a device never seen binds it, and reads answer as for a device without data, while unbinding it or deleting its scopes is refused; with strict, every use of an unknown device is refused. Once unbound, a device is gone in both.',
  ),
  'DEC-17': assumed(
    'Binding a machine code again gives the same device, with name and OS updated where sent; after unbinding it gives a new one.',
  ),
  'DEC-18': assumed(
    "Unbinding removes a device's scopes and configurations; its records stay, with the device as it was, and locks are untouched.",
  ),
  'DEC-19': assumed(
    'A misshapen batch is refused whole. A well-shaped item fails alone: 13000102 for what breaks SCO-2, 13990410 for one that exists, 13990411 past the limit. Both lists keep the order of the request; absent paths come back empty, and where all failed it is still HTTP 200 with code 0.',
  ),
  'DEC-20': assumed(
    "Deleting scopes fails alone with 13000309 for ids that are unknown, another's or repeated; an empty list is refused.",
  ),
  'DEC-21': assumed('A batch is one transaction: all that is answered as done is stored, or nothing is.'),
  'DEC-22': assumed(
    'A configuration is one of a user, device, module and name. With devices adopt, one never seen takes currentConfigValue as its present value; with strict it does not exist. One of the catalogue counts as seen, at its initial value.',
  ),
  'DEC-23': assumed(
    'A mismatch changes nothing and does not tell the stored value; current equal to new, where it matches, succeeds.',
  ),
  'DEC-24': assumed(
    'The catalogue of the seed holds for every user and device. Listing answers its configurations first, then those set beyond it, each by name; viewing one that is neither is refused.',
  ),
  'DEC-25': assumed(
    'One lock of a user and module lives at a time; at exactly ten minutes it is gone. Creating one takes a mandatory moduleCode, and while one lives it is refused. Renewing or releasing one that does not live is refused.',
  ),
  'DEC-26': assumed(
    "Under a lock, the order is: the header is there, the lock lives, the record or device exists, the lock is of the record's module, the record is open. Reads do not check the header.",
  ),
  'DEC-27': assumed(
    'version counts per user, module and device, from 1, and never goes back. endTime is empty until completion. properties must be JSON. A completed record is not completed again and takes no files; deletion is immediate.',
  ),
  'DEC-28': assumed(
    'Lists have the oldest first, then go by id. nextCursor is opaque, bound to operation, user and filters, and absent on the last page; a cursor not issued for the list is refused.',
  ),
  'DEC-29': assumed(
    "Creating a file answers, as the sibling API does, where to upload its one part. The upload needs none of the API's headers, is counted and hashed, not kept, and is refused where it disagrees with what was announced. Known contents need none; a file is listed once it is uploaded.",
    'uploads',
  ),
  'DEC-30': assumed('A world has two clocks: one ages what is stored, the other judges X-Date.', 'the control plane'),
  'DEC-31': assumed(
    "Ids follow COM-10 with the world's worker number and never go back; lock and upload ids come from a seeded generator. Same settings, clock and requests: same ids.",
    everywhere,
  ),
  'DEC-32': assumed(
    'A seed is one JSON document with a configuration catalogue, users, tokens and apps; it is applied once, to a new world.',
    'the control plane',
  ),
} as const satisfies Record<string, Statement>
