// What the page uses of Retrofit, so that its interface can be compiled where there is no Retrofit.
package retrofit2

interface Call<T>
