using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// libvips as this product runs it. Its settings are the process's, made once before the first image: only the loaders
/// of the formats that are promised and the bare pixels of our own decoder, no cache of operations (no image is asked for twice), and one worker a pipeline,
/// because several images go side by side and decoding, which most of the time goes to, is serial anyway.
/// </summary>
internal static class Libvips
{
    private static readonly string[] Loaders =
        ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif", "VipsForeignLoadTiff", "VipsForeignLoadHeif", "VipsForeignLoadRaw"];

    // Held here because native code calls it for as long as the process lives.
    private static readonly Log.LogDelegate Silence = static (_, _, _) => { };

    private static readonly Lazy<string> Started = new(Start);

    /// <summary>The version, <c>8.18.7</c>. Asking for it starts libvips.</summary>
    /// <exception cref="DllNotFoundException">There is no libvips for this platform.</exception>
    public static string Version => Started.Value;

    private static string Start()
    {
        if (!ModuleInitializer.VipsInitialized) throw ModuleInitializer.Exception ?? new DllNotFoundException("libvips could not be loaded.");

        // What libvips warns of on standard error, once for each tile of a broken image, comes out as a failure.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, Silence);
        NetVips.NetVips.BlockUntrusted = true;
        Operation.Block("VipsForeignLoad", true);
        foreach (var loader in Loaders) Operation.Block(loader, false);
        Cache.Max = 0;
        NetVips.NetVips.Concurrency = 1;
        return $"{NetVips.NetVips.Version(0)}.{NetVips.NetVips.Version(1)}.{NetVips.NetVips.Version(2)}";
    }
}
