using MultiModal.Testing.Programs;

namespace MultiModal.Functions.Tests.Settings;

/// <summary>A wrong setting stops the app before it asks the Functions host for anything.</summary>
public sealed class WrongSettingTests
{
    [Fact]
    public async Task A_wrong_setting_is_named_as_it_was_written_and_the_app_does_not_start()
    {
        await using var app = ChildProcess.StartDotnet(
            Path.Combine(AppContext.BaseDirectory, "MultiModal.Functions.dll"),
            [],
            [
                ("Images__MaxEgde", "512"), ("Pdf__MaxPages", "many"), ("Webhooks__AllowLoopback", "true"), ("Media__blobServiceUri", "media.blob"),
                ("Models__Catalogue", "/nowhere/models.json"),
            ]);
        Assert.Equal(6, await app.EndAsync());
        Assert.Equal(
            [
                "invalid-setting: Media (as Storage:BlobServiceUri) must be an http:// or https:// address.",
                "invalid-setting: Models:Catalogue: /nowhere/models.json does not exist.",
                "invalid-setting: The environment variable Images__MaxEgde is not a setting. Did you mean Images__MaxEdge?",
                "invalid-setting: The environment variable Pdf__MaxPages is 'many': it must be a whole number from 0 to 1000.",
                "invalid-setting: Webhooks:AllowLoopback is for the local host only: on Azure Functions, no webhook calls the machine itself.",
            ],
            (await app.Errors).Trim().Split('\n').Order(StringComparer.Ordinal));
    }
}
