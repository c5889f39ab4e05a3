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
    'With auth any, every well-formed token is good for every user; with auth known, only tokens that were issued, for their own user, while they live. An app signature is always verified, and an app may act for any user. Signed headers count in the order sent, host need not be among them; pairs of a query go by name, then value, and a plus in it is a plus.',
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
    'application/json with any parameters is JSON, and so is a body without Content-Type; any other media type with a body is 415, and so is a body under a Content-Encoding. An empty body is none. Where one is taken, none is refused, and so is what is no object.',
    everywhere,
  ),
  'DEC-7': assumed('A body has at most 12 MiB; more is 413.', everywhere),
  'DEC-8': assumed(
    'Unknown properties and parameters are ignored. A parameter given twice is refused. null means absent for what is optional. Nothing is coerced: 102 is not "102", and an integer in a query is decimal digits alone. Optional text that was not told is answered as an empty string.',
    everywhere,
  ),
  'DEC-9': assumed(
    'An id in a path has 1 to 64 letters, digits, underscores and dashes. X-traceid, where binding gets one, has 58 characters and is sent once.',
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
    'One catalogue holds status, code and msg of every refusal; a profile overrides entries by their key, with statuses that have a name and a body.',
    everywhere,
  ),
  'DEC-15': assumed(
    "msg is the catalogue's text; the cause goes into the header x-emulator-reason, as at most 512 printable ASCII characters, the log and the journal. It holds no stored value and no secret.",
    everywhere,
  ),
  'DEC-16': assumed(
    'With devices adopt, writing for a device never seen binds it, and reads answer as for a device without data, while unbinding it or deleting its scopes is refused; with strict, every use of an unknown device is refused. Once unbound, a device is gone in both. One that was adopted was made when its id of 19 digits says, where that is past, otherwise when it was first used.',
  ),
  'DEC-17': assumed(
    'Binding a machine code again gives the same device, with name and OS updated where sent, in its records as well; after unbinding it gives a new one.',
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
    'version counts per user, module and device, from 1, and never goes back. endTime is empty until completion, and never before createTime. properties must be JSON. A completed record is not completed again and takes no files; deletion is immediate.',
  ),
  'DEC-28': assumed(
    'Lists have the oldest first, then go by id. nextCursor is opaque, bound to operation, user and filters, and absent on the last page; a cursor not issued for the list is refused.',
  ),
  'DEC-29': assumed(
    "Creating a file answers as the sibling API does, with the msg of its own family (COM-8), and its parts are sent, told complete and checked by the vendor's own protocol (UPL-1). Bytes are counted and hashed, not kept. A file is listed once it is complete; known content, with sha256 and length, is at once, has no uploadId and nothing to complete. All but fileName is optional, a file is in root unless parentFolder says otherwise, and containerId is its record. Open uploads outlive the completion of their record, and end with its deletion.",
    'uploads',
  ),
  'DEC-30': assumed('A world has two clocks: one ages what is stored, the other judges X-Date.', 'the control plane'),
  'DEC-31': assumed(
    "Ids follow COM-10 with the world's worker number and never go back; lock and upload ids come from a seeded generator. What a state brought along is passed over, and the state clock ends with 2052, ten months before the ids do. Same settings, clock and requests: same ids.",
    everywhere,
  ),
  'DEC-32': assumed(
    'A seed is one JSON document with a configuration catalogue, users, tokens and apps; it is applied once, to a new world.',
    'the control plane',
  ),
  'DEC-33': assumed(
    'Announcing a name whose upload is open answers that upload again, unless length or sha256 disagree, for its answer may have been lost; an absent one is filled in, and a part that does not fit into it gives way to an offer. multiParts that fit extend the plan, others replace it and drop the stored parts that are not the same in number, offset and size; without them links of all announced parts are answered. uploadUrl may resize parts that are not stored yet.',
  ),
  'DEC-34': assumed(
    'Without autoRename, or with 3, a taken name is refused before flash upload is tried. With 2 and 4 the file is renamed by a timestamp, in GMT+8 as the printed one, of equal ones the next free second, the stem cut to fit 250; an open upload counts as taken unless length and sha256 are told on both sides and equal. With 4 and an equal sha256 the answer is the file that is there, exist and rapidUpload true, without parts. sha256 is 64 hexadecimal digits in any case, and listed in lower case.',
  ),
  'DEC-35': assumed(
    'With length and no multiParts as few parts as fit into 5 GiB are offered, and give way to parts that a client asks for. Without length there is one part, whose size is signed once it was given; a later one replaces it, and more than 5 GiB is EntityTooLarge. Several parts need length. 200 GB is 200 × 2^30.',
  ),
  'DEC-36': assumed(
    'Asking for links is atomic and answers by number the fields that were asked for, with uploadUrl and partId, which are ignored in requests. A number twice or an empty list is 13000102; an unknown, finished or foreign fileId is 13000401.',
  ),
  'DEC-37': assumed(
    'The last part is the one that ends at length; an empty one may trail it. Sequential parts, without partOffset and hashCtx, follow the part before and need all lower numbers; parallel ones may leave gaps, and numbers rise with offsets. Which of both is decided for each part; the first may be either, and its hashCtx is the initial state.',
  ),
  'DEC-38': assumed(
    'hashCtx is eight integers from 0 to 2^32 - 1; signed ones are refused with a hint. It belongs to the link: another may be asked for, a part is hashed from that of its own link, and no link is revoked. Beyond 32 bits the count of bits goes on in nh.',
  ),
  'DEC-39': assumed(
    'When a link is asked for, hashCtx is judged where the parts from the first to the one before are there and chain, and the same request does not renew the one before; the reason names both suspects.',
  ),
  'DEC-40': assumed(
    'A part is hashed from the hashCtx of its link or the end of the part before, of which up to 63 bytes are kept. One without hashCtx that comes before its predecessor is taken and must come again. The same bytes again change nothing; others make all later parts without hashCtx come again.',
    'uploads',
  ),
  'DEC-41': assumed(
    "The store judges Content-Length (411), expiry, signature, upload and size in this order. A link lives while now is at most its date's whole second and 3,600 s, when the request begins; the signed host is that of the printed address. 200 has the quoted MD5 as ETag and no body; refusals are S3's XML; a refused body is read to its end. Of simultaneous PUTs the last to finish wins; after completion it is NoSuchUpload.",
    'uploads',
  ),
  'DEC-42': assumed(
    'Completion refuses with 13000402 for what must be sent (missing parts, parts without state, bytes never announced, all at once as ranges), then the chain, the size, the digest. To blame is the part whose end disagrees with the next hashCtx or, at the last, with sha256; if its start disagrees too, its hashCtx; without sha256 both. A refused completion changes nothing.',
  ),
  'DEC-43': assumed(
    "Completing a file needs no lock, and the owner's user; fileId is any string of 1 to 64 characters. A finished, unknown or foreign file is 13000401. With completion put, a file of one part is complete with its PUT, and completing any file that is complete succeeds, unless with another sha256.",
  ),
} as const satisfies Record<string, Statement>
