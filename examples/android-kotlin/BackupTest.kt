import java.io.IOException
import java.time.Duration
import java.time.Instant
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import java.util.UUID
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Assert.fail
import org.junit.Before
import org.junit.Test

// On a device or in the Android emulator, write its address here: there are no environment variables of yours.
val emulator: String = System.getenv("KOODRIVE_URL") ?: "http://127.0.0.1:4020"

/** A world of its own for one test: `url` is for your client, `dial` turns what only a test may turn. */
class World {
    private val name = "android-${UUID.randomUUID()}"
    private val http = OkHttpClient()
    val url = "$emulator/worlds/$name"

    fun dial(method: String, path: String = "", body: String? = null): String {
        val request = Request.Builder().url("$emulator/_emulator/worlds/$name$path")
            .method(method, body?.toRequestBody("application/json".toMediaType()))
        return http.newCall(request.build()).execute().use { it.body!!.string() }
    }
}

/** Stands for your client. An address is all it is told. */
class Client(private val url: String, private val http: OkHttpClient = OkHttpClient(), private val ahead: Duration = Duration.ZERO) {
    private val xDate = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC)

    fun call(method: String, path: String, body: String? = null, lockId: String? = null): String {
        val request = Request.Builder().url("$url/koodrive/ose/v1/backup$path")
            .header("Authorization", "Bearer any-token")
            .header("X-User-Id", "1001")
            .header("X-Date", xDate.format(Instant.now().plus(ahead)))
            .method(method, body?.toRequestBody("application/json".toMediaType()))
        if (lockId != null) request.header("x-backup-lock-id", lockId)
        return http.newCall(request.build()).execute().use { it.body!!.string() }
    }
}

/** A field of an answer; your client has a JSON library for it. */
fun field(name: String, json: String) = Regex("\"$name\":\"?([^\",}]*)").find(json)?.groupValues?.get(1)

class BackupTest {
    private val world = World()
    private val client = Client(world.url)

    @Before fun begin() { world.dial("PUT", "", "{\"devices\":\"strict\"}") }
    @After fun end() { world.dial("DELETE") }

    private fun bind() = field("deviceId", client.call("POST", "/device", "{\"machineCode\":\"PHONE1\"}"))

    @Test fun deletesWithABody() {
        val path = "/device/${bind()}/scope"
        val added = client.call("POST", path, "{\"moduleCode\":\"101\",\"scopeList\":[{\"localPath\":\"/DCIM\"}]}")
        val deleted = client.call("DELETE", path, "{\"scopeIdList\":[\"${field("scopeId", added)}\"]}")
        assertEquals("0", field("code", deleted))
    }

    @Test fun losesItsLockAfterTenMinutes() {
        val lockId = field("lockId", client.call("POST", "/lock", "{\"moduleCode\":\"101\"}"))
        assertEquals("0", field("code", client.call("PATCH", "/lock", "", lockId)))
        world.dial("PATCH", "/clock", "{\"advance\":\"PT10M\"}")
        assertEquals("13990424", field("code", client.call("PATCH", "/lock", "", lockId)))
    }

    @Test fun isRefusedWhileItsClockIsAhead() {
        val phone = Client(world.url, ahead = Duration.ofSeconds(3))
        assertEquals("13000102", field("code", phone.call("GET", "/device")))
        world.dial("PATCH", "/clock", "{\"skew\":\"PT1M\"}")
        assertEquals("0", field("code", phone.call("GET", "/device")))
    }

    private fun loseTheNextBatch() = world.dial(
        "POST", "/faults",
        "{\"operations\":[\"batchAddBackupScope\"],\"when\":{\"first\":1},\"effect\":{\"type\":\"loseAnswer\"}}"
    )

    private fun sent() = field("count", world.dial("GET", "/requests/count?operation=batchAddBackupScope"))

    @Test fun isSentTwiceByOkHttpWhenAPooledConnectionBreaks() {
        val path = "/device/${bind()}/scope"
        loseTheNextBatch()
        val answer = client.call("POST", path, "{\"moduleCode\":\"101\",\"scopeList\":[{\"localPath\":\"/DCIM\"}]}")
        assertEquals("2", sent())
        assertEquals("13990410", field("errorCode", answer)) // it exists: the lost answer was a good one
    }

    @Test fun isSentOnceWhereOkHttpMayNotTryAgain() {
        val path = "/device/${bind()}/scope"
        val careful = Client(world.url, OkHttpClient.Builder().retryOnConnectionFailure(false).build())
        loseTheNextBatch()
        try {
            careful.call("POST", path, "{\"moduleCode\":\"101\",\"scopeList\":[{\"localPath\":\"/DCIM\"}]}")
            fail("the answer is lost")
        } catch (lost: IOException) {
            assertEquals("1", sent())
        }
        assertTrue(client.call("GET", "$path?moduleCode=101").contains("/DCIM"))
    }
}
