using Microsoft.Extensions.DependencyInjection;
using MultiModal.Pipeline.Images;

namespace MultiModal.Imaging.ImageSharp;

public static class ImageSharpRegistration
{
    /// <summary>Adds the engine that <c>Images:Engine=ImageSharp</c> chooses.</summary>
    public static IServiceCollection AddImageSharpEngine(this IServiceCollection services) =>
        services.AddKeyedSingleton<IImageEngine, ImageSharpImageEngine>("ImageSharp");
}
