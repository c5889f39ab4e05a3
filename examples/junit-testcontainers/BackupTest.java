import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

class BackupTest {
    static final GenericContainer<?> koodrive =
            new GenericContainer<>(DockerImageName.parse("koodrive-backup-emulator"))
                    .withEnv("KOODRIVE_EMULATOR_DB", ":memory:")
                    .withEnv("KOODRIVE_EMULATOR_DEVICES", "strict")
                    .withExposedPorts(4020)
                    .waitingFor(Wait.forHttp("/_emulator/health").forPort(4020).forStatusCode(200));

    static final HttpClient http = HttpClient.newHttpClient();
    static final DateTimeFormatter xDate = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    String emulator;
    String world;

    @BeforeAll
    static void start() {
        koodrive.start();
    }

    @AfterAll
    static void stop() {
        koodrive.stop();
    }

    @BeforeEach
    void begin() throws Exception {
        emulator = "http://" + koodrive.getHost() + ":" + koodrive.getMappedPort(4020);
        world = "junit-" + UUID.randomUUID();
        dial("PUT", "", "");
    }

    @AfterEach
    void end() throws Exception {
        dial("DELETE", "", "");
    }

    static String send(HttpRequest.Builder request, String method, String body) throws IOException, InterruptedException {
        request.header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body));
        return http.send(request.build(), BodyHandlers.ofString()).body();
    }

    /** Turns what only a test may turn. */
    String dial(String method, String path, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(emulator + "/_emulator/worlds/" + world + path)), method, body);
    }

    /** Stands for your client. An address is all it is told. */
    String call(String method, String path, String body, String... lockId) throws IOException, InterruptedException {
        URI uri = URI.create(emulator + "/worlds/" + world + "/koodrive/ose/v1/backup" + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .header("Authorization", "Bearer any-token")
                .header("X-User-Id", "1001")
                .header("X-Date", xDate.format(Instant.now()));
        for (String id : lockId) request.header("x-backup-lock-id", id);
        return send(request, method, body);
    }

    /** A field of an answer; your client has a JSON library for it. */
    static String field(String name, String json) {
        Matcher found = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
        return found.find() ? found.group(1) : null;
    }

    @Test
    void aDeviceThatWasNeverBoundIsRefused() throws Exception {
        assertEquals("13000309", field("code", call("GET", "/device/mistyped/scope?moduleCode=100", "")));
    }

    @Test
    void aLockIsLostAfterTenMinutes() throws Exception {
        String lockId = field("lockId", call("POST", "/lock", "{\"moduleCode\":\"100\"}"));
        assertEquals("0", field("code", call("PATCH", "/lock", "", lockId)));
        dial("PATCH", "/clock", "{\"advance\":\"PT10M\"}");
        assertEquals("13990424", field("code", call("PATCH", "/lock", "", lockId)));
    }

    @Test
    void aBatchWhoseAnswerWasLostIsThereOnce() throws Exception {
        String deviceId = field("deviceId", call("POST", "/device", "{\"machineCode\":\"LAPTOP1\"}"));
        dial("POST", "/faults",
                "{\"operations\":[\"batchAddBackupScope\"],\"when\":{\"first\":1},\"effect\":{\"type\":\"loseAnswer\"}}");
        String batch = "{\"moduleCode\":\"100\",\"scopeList\":[{\"localPath\":\"/photos\"}]}";
        assertThrows(IOException.class, () -> call("POST", "/device/" + deviceId + "/scope", batch));
        assertEquals("13990410", field("errorCode", call("POST", "/device/" + deviceId + "/scope", batch)));
    }
}
