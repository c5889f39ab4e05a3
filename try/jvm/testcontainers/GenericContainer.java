package org.testcontainers.containers;

import java.net.URI;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** Stands in for Testcontainers where it cannot be had: the emulator that KOODRIVE_URL names takes the container's place. */
public class GenericContainer<Self extends GenericContainer<Self>> {
    private final URI emulator = URI.create(System.getenv("KOODRIVE_URL"));

    public GenericContainer(DockerImageName image) {}

    public GenericContainer<Self> withEnv(String name, String value) {
        return this;
    }

    public GenericContainer<Self> withExposedPorts(Integer... ports) {
        return this;
    }

    public GenericContainer<Self> waitingFor(Wait strategy) {
        return this;
    }

    public void start() {}

    public void stop() {}

    public String getHost() {
        return emulator.getHost();
    }

    public Integer getMappedPort(int port) {
        return emulator.getPort();
    }
}
