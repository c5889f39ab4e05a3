import type { Concern, Statement } from './statement.ts'

const documented = (sentence: string, concerns?: Concern) =>
  ({ standing: 'documented', sentence, ...(concerns && { concerns }) }) as const satisfies Statement

const inferred = (sentence: string, concerns?: Concern) =>
  ({ standing: 'inferred', sentence, ...(concerns && { concerns }) }) as const satisfies Statement

const everywhere = 'every operation'

/** What the vendor's public reference says of the backup API, and what follows from it. */
export const facts = {
  'COM-1': documented(
    'The base path of the family is /koodrive/ose/v1/backup, at the vendor over HTTPS; the two operations that upload files stand beside it, below /koodrive/ose/v1/files. Bodies are JSON in UTF-8.',
    everywhere,
  ),
  'COM-2': documented(
    'Authorization is mandatory and holds the access token. The examples write Bearer, a plus and the token; other pages write a space in place of the plus, and one the bare token.',
    everywhere,
  ),
  'COM-3': documented("X-User-Id is mandatory: the user's id on KooDrive. No range is stated.", everywhere),
  'COM-4': documented(
    "X-Date is mandatory, as yyyyMMdd'T'HHmmss'Z' (printed with one y less), at most 15 minutes before the current time and not after it.",
    everywhere,
  ),
  'COM-5': documented('X-traceid is an optional header of 58 characters, listed for binding a device alone.'),
  'COM-6': documented(
    'x-backup-lock-id is mandatory for renewing and releasing a lock, creating, completing and deleting a record, and creating a file. The examples of viewing a record and of listing files send it too, though their tables do not name it.',
  ),
  'COM-7': documented('moduleCode is a string: 100 folder backup, 101 album backup, 102 address book backup.'),
  'COM-8': documented(
    'An answer is an envelope: the payload first, then code, an integer that is 0 for success, then msg. Most payloads are called data; those of scopes and nextCursor stand at top level.',
    everywhere,
  ),
  'COM-9': documented(
    'Ids of devices, scopes and records are decimal strings of 19 digits. Times are ISO 8601 in UTC with milliseconds.',
    everywhere,
  ),
  'COM-10': inferred(
    'An id is a 63-bit snowflake: milliseconds since 2018-12-31T16:00:00.000Z, 16 bits of worker, 7 bits of sequence. Both documented pairs of id and time fit.',
    everywhere,
  ),
  'COM-11': documented(
    'The backup pages show HTTP 200 alone. The appendices pair every business code with HTTP 400 and list 200, 400, 401 and 500.',
    everywhere,
  ),
  'COM-12': documented('The body of an error is an integer code and a msg, which is a string.', everywhere),
  'COM-13': documented(
    'Ten generic codes of the appendix fit this API, 13000101 to 13000412. None is specific to a device, scope, configuration, lock or record. Of some, the exact English message was not seen.',
    everywhere,
  ),
  'COM-14': documented('A token lives 20 minutes; each call within that time resets the 20 minutes.', everywhere),
  'COM-15': documented(
    'In place of a token, Authorization may hold HMAC-SHA256 AppId=…,SignedHeaders=…,Signature=…, good for 15 minutes from X-Date.',
    everywhere,
  ),
  'COM-16': documented(
    'The signature is the HMAC-SHA256, in lower-case hexadecimal, of the algorithm and the SHA-256 of the canonical request: method, URI with a final slash, sorted query, headers with x-date and x-user-id among them, their names, the hash of the body. That this hash is the SHA-256 in lower-case hexadecimal is inferred.',
    everywhere,
  ),
  'COM-17': documented(
    'An API gateway in front of KooDrive may answer for itself, with error_code, error_msg and request_id. Nothing states that backup calls pass it.',
    'the gateway in front',
  ),
  'COM-18': documented('Content-Type is optional on requests; without it the body is JSON.', everywhere),
  'DEV-1': documented(
    'Binding takes a machineCode of 1 to 64 letters, digits and underscores, an optional deviceName (1 to 32, also dashes and white space) and deviceOS (1 to 32, also white space). It answers the bound device.',
  ),
  'DEV-2': documented('A bound device has deviceId, machineCode, deviceName, deviceOS and createTime, all strings.'),
  'DEV-3': documented(
    "Listing takes no parameter and answers the user's bound devices in one array, without pages; the example has the oldest first.",
  ),
  'DEV-4': documented('Unbinding takes neither body nor lock and answers the device that was removed.'),
  'SCO-1': documented('Adding scopes takes a moduleCode and a scopeList of at most 100 items.'),
  'SCO-2': documented(
    'A scope has a localPath and a targetFolderPath, each optional, at most 10,000 characters, starting with a slash and without a backslash, and not both empty. The printed pattern lost a backslash.',
  ),
  'SCO-3': documented(
    'Adding scopes answers HTTP 200 and code 0, with what was added in scopeList and what was not in failedScopeList.',
  ),
  'SCO-4': documented(
    'An added scope has localPath, targetFolderPath, scopeId, moduleCode and createTime; a failed one has both paths, errorCode and msg. All are strings.',
  ),
  'SCO-5': documented(
    'Deleting scopes is a DELETE with a body of at most 100 ids in scopeIdList. It answers the deleted ids in scopeIdList and the others, with errorCode and msg, in failedScopeList, which is inferred to be an array: one locale calls it an object.',
  ),
  'SCO-6': documented(
    'Listing scopes takes a moduleCode, mandatory in the table and missing from the example, and answers scopeList at top level, without pages.',
  ),
  'CFG-1': documented(
    'Changing a configuration takes moduleCode, configName, currentConfigValue and newConfigValue, all mandatory, the last three of 1 to 32 letters, digits and underscores. It answers deviceId, moduleCode, configName and the new configValue.',
  ),
  'CFG-2': documented('The value changes only where the stored one equals currentConfigValue: a compare-and-set.'),
  'CFG-3': inferred(
    'Viewing a configuration takes moduleCode and configName, both mandatory; its answer, never seen, is an item of the list.',
  ),
  'CFG-4': documented(
    "Listing a module's configurations answers an array of deviceId, moduleCode, configName, configValue and description, all strings.",
  ),
  'CFG-5': documented(
    'backend_backup_switch of module 102 is the only configuration ever named, with the values 101test2value and 101test2value2. No operation creates one.',
  ),
  'LOC-1': documented(
    'A lock lives 10 minutes. No table lists what creating one takes; the example sends moduleCode. It answers lockId: a UUID of version 4, an at sign and the module code.',
  ),
  'LOC-2': documented(
    'Renewing a lock computes its end afresh: ten minutes from now. It takes no body and answers code and msg.',
  ),
  'LOC-3': documented('Releasing a lock takes no body and answers code and msg.'),
  'REC-1': documented(
    'Creating a record takes moduleCode and deviceId, both mandatory, and optional properties: a string that holds JSON. It answers the record.',
  ),
  'REC-2': documented(
    'A record has recordId, moduleCode, status (0 new, 1 completed, 2 to be deleted), properties, version, createTime, endTime and deviceInfo: the device with its five strings. status and version are integers.',
  ),
  'REC-3': documented('Viewing a record answers it as data.'),
  'REC-4': documented(
    'Listing records takes moduleCode and a pageSize of 1 to 100, both mandatory, an optional cursor of at most 1,000 characters and an optional deviceId; it answers data and nextCursor. The order, and the nextCursor of the last page, were not seen.',
  ),
  'REC-5': documented(
    'Completing a record takes optional properties, in the example an empty object, and answers code and msg.',
  ),
  'REC-6': documented("Deleting a record deletes the backup's files with it and answers code and msg."),
  'FIL-1': documented(
    'Creating a file takes a fileName of at most 250 characters, none of < > | : " * ? /, neither empty nor . nor .., and optional description, mimeType, fileType, parentFolder (a list of which the first counts, root for the root), sha256 and length in bytes. The tail of the body and the answer were not seen; both open as UPL-2 does.',
  ),
  'FIL-2': documented(
    "Listing a record's files takes a mandatory pageSize of 1 to 100 and an optional cursor; it answers fileId, fileName, sha256, size in bytes, description and createTime, and nextCursor.",
  ),
  'UPL-1': inferred(
    'Backup files are uploaded as the pages of File Management document it for files: create the metadata, PUT each part to its uploadUrl, ask for further or fresh links, say that all parts are there. Content that is known already needs no upload.',
    'uploads',
  ),
  'UPL-2': documented(
    'files/create, whose body opens as that of creating a backup file does, also takes createdTime, uploadMode multipart, uploadType 1, autoRename (2 always rename, 3 refuse, 4 no second file where the sha256 is equal) and multiParts; description has at most 512 characters, length at most 200 GB. It answers fileId, rapidUpload, containerId, fileName as it became, uploadId, parentFolder, exist and multiParts; the printed msg is Success.',
  ),
  'UPL-3': documented(
    'A part has a partNumber of 1 to 10,000 and a partSize of 5,242,880 to 5,368,709,120, the last 0 to 5,368,709,120. Parallel uploads also have partOffset, with multiples of 64 for all parts but the last, and hashCtx, the eight 32-bit numbers of SHA-256 before the part, mandatory for all but the first. Answers add uploadUrl and partId.',
  ),
  'UPL-4': documented(
    'POST files/multipart/uploadUrl takes fileId and multiParts, both mandatory, and answers the parts as asked for, each with its uploadUrl.',
  ),
  'UPL-5': documented(
    'A link is a presigned address of an S3-like store: AWS4-HMAC-SHA256 in the query, 3,600 seconds, content-length and host signed, with partNumber and uploadId; for a part with hashCtx also X-Amz-Iteration-Hash-Ctx, base64 of JSON. What the store answers is inferred to be as of S3: ETag, errors as XML.',
    'uploads',
  ),
  'UPL-6': documented(
    'POST files/complete takes fileId, mandatory, and optionally the sha256 of the whole file; it answers code and the msg success., with a full stop.',
  ),
  'UPL-7': documented(
    'Of the codes of the appendix, all HTTP 400, these belong to uploads: 13000311, 13000401 to 13000406, 13000409 to 13000412; 13000401 is an unknown upload task, 13000402 a failed check of integrity, 13000405 a duplicate name. Of most, the English message was not seen.',
    'uploads',
  ),
} as const satisfies Record<string, Statement>
