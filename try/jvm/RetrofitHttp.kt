package retrofit2.http

annotation class Body
annotation class HTTP(val method: String, val path: String, val hasBody: Boolean)
annotation class Header(val value: String)
annotation class PATCH(val value: String)
annotation class Path(val value: String)
