namespace MultiModal.Pipeline.Tests;

/// <summary>
/// Tests of this project against one real Azurite: <c>[Collection(SharedAzurite.Name)]</c> and an <see cref="AzuriteFixture"/> in the
/// constructor. xunit looks for such a definition in the tests' own assembly.
/// </summary>
[CollectionDefinition(Name)]
public sealed class SharedAzurite : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Azurite";
}
