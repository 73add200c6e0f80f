using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MultiModal.Pipeline.Images;

/// <summary>Stops a host that was built without the engine that its settings choose.</summary>
internal sealed class ImageEngineValidator(IServiceProviderIsKeyedService services) : IValidateOptions<ImageOptions>
{
    public ValidateOptionsResult Validate(string? name, ImageOptions options) =>
        services.IsKeyedService(typeof(IImageEngine), options.Engine)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Images:Engine is {options.Engine}, which this host was built without; unset it for NetVips.");
}
