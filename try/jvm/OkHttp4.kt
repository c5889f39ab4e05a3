// Debian's OkHttp is 3.13. This gives it the names that OkHttp 4 and 5 have, for the page that uses them.
import okhttp3.MediaType
import okhttp3.RequestBody
import okhttp3.Response
import okhttp3.ResponseBody

val Response.body: ResponseBody? get() = body()

fun String.toMediaType(): MediaType = MediaType.get(this)

fun String.toRequestBody(contentType: MediaType): RequestBody = RequestBody.create(contentType, this)
