package org.testcontainers.containers.wait.strategy;

public class Wait {
    public static Wait forHttp(String path) {
        return new Wait();
    }

    public Wait forPort(int port) {
        return this;
    }

    public Wait forStatusCode(int status) {
        return this;
    }
}
