using NetVips;

namespace MultiModal.Pipeline.Images;

/// <summary>
/// The configuration of libvips in this product. Its settings are the process's, made once before the first image: only the loaders
/// of the supported formats and of the raw pixels from our own decoder, no cache of operations (no image is asked for twice), and
/// one worker per pipeline, because several images are processed at once and decoding, which takes most of the time, is serial
/// anyway.
/// </summary>
internal static class Libvips
{
    private static readonly string[] Loaders =
        ["VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif", "VipsForeignLoadTiff", "VipsForeignLoadHeif",
            "VipsForeignLoadRaw"];

    // The reference is held here because native code calls it for as long as the process lives.
    private static readonly Log.LogDelegate Silence = static (_, _, _) => { };

    private static readonly Lazy<string> Started = new(Start);

    /// <summary>The version, such as <c>8.18.7</c>. Reading it starts libvips.</summary>
    /// <exception cref="DllNotFoundException">There is no libvips for this platform.</exception>
    public static string Version => Started.Value;

    private static string Start()
    {
        if (!ModuleInitializer.VipsInitialized) throw ModuleInitializer.Exception ?? new DllNotFoundException("libvips could not be loaded.");

        // Warnings that libvips writes to standard error, once for each tile of a broken image, are reported as a failure anyway.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.Warning, Silence);
        NetVips.NetVips.BlockUntrusted = true;
        Operation.Block("VipsForeignLoad", true);
        foreach (var loader in Loaders) Operation.Block(loader, false);
        Cache.Max = 0;
        NetVips.NetVips.Concurrency = 1;
        return $"{NetVips.NetVips.Version(0)}.{NetVips.NetVips.Version(1)}.{NetVips.NetVips.Version(2)}";
    }
}
